"""Palabre, a blog engine of two nouns: posts and comments; everything else is a plugin.

These are the public names: what a plugin may import.
"""

from blog import (
    addresses,
    columns,
    comments,
    console,
    control,
    identity,
    importing,
    jobs,
    links,
    markup,
    outgoing,
    parcels,
    posts,
    transfer,
    upkeep,
    welcome,
)
from blog.db import UtcDateTime, now, session, take_turns, writing
from blog.delivery import is_loopback, network_of, sender_of
from blog.drafts import PostDraft
from blog.forms import csrf_exempt
from blog.kinds import Kind, hookimpl, hookspec
from blog.language import format_date, format_time, gettext, lazy_gettext, ngettext, speaking
from blog.models import Comment, FormerAddress, Job, Leftover, Post, PostKind, PostStatus
from blog.moderation import Action, CommentKind, Draft, Judgement, Reason, Status, Verdict
from blog.parts import Identity, MenuItem, Nightly, Permission, SignIn
from blog.platform.context import generation, hooks, is_behind, settings
from blog.platform.settings import SecretField, SettingsForm
from blog.platform.tables import plugin_base
from blog.reader_forms import ReaderForm
from blog.rows import CommentRow, Cursor, PostRow, StatusChange, ThreadPage
from blog.templating import asset, render, render_part

__all__ = [
    "Action",
    "Comment",
    "CommentKind",
    "CommentRow",
    "Cursor",
    "Draft",
    "FormerAddress",
    "Identity",
    "Job",
    "Judgement",
    "Kind",
    "Leftover",
    "MenuItem",
    "Nightly",
    "Permission",
    "Post",
    "PostDraft",
    "PostKind",
    "PostRow",
    "PostStatus",
    "ReaderForm",
    "Reason",
    "SecretField",
    "SettingsForm",
    "SignIn",
    "Status",
    "StatusChange",
    "ThreadPage",
    "UtcDateTime",
    "Verdict",
    "addresses",
    "asset",
    "columns",
    "comments",
    "console",
    "control",
    "csrf_exempt",
    "format_date",
    "format_time",
    "generation",
    "gettext",
    "hookimpl",
    "hooks",
    "hookspec",
    "identity",
    "importing",
    "is_behind",
    "is_loopback",
    "jobs",
    "lazy_gettext",
    "links",
    "markup",
    "network_of",
    "ngettext",
    "now",
    "outgoing",
    "parcels",
    "plugin_base",
    "posts",
    "render",
    "render_part",
    "sender_of",
    "session",
    "settings",
    "speaking",
    "take_turns",
    "transfer",
    "upkeep",
    "welcome",
    "writing",
]
