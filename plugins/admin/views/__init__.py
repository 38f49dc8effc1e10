"""Answer the owner: one module for each noun."""

from . import comments, overview, plugins, posts, settings
from .frame import bp
from .notices import notices_of

__all__ = ["bp", "comments", "notices_of", "overview", "plugins", "posts", "settings"]
