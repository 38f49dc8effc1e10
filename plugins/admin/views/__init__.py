"""Answer the owner: one module for each noun."""

from . import (
    attention,
    comments,
    costs,
    order,
    overview,
    plugin,
    plugin_settings,
    plugins,
    posts,
    removal,
    settings,
)
from .frame import bp
from .notices import notices_of

__all__ = [
    "attention",
    "bp",
    "comments",
    "costs",
    "notices_of",
    "order",
    "overview",
    "plugin",
    "plugin_settings",
    "plugins",
    "posts",
    "removal",
    "settings",
]
