"""Palabre, a blog engine of two nouns: posts and comments; everything else is a plugin.

These are the public names: what a plugin may import.
"""

from blog import comments, identity, importing, links, markup, posts
from blog.db import now, session, writing
from blog.delivery import network_of
from blog.identity import Identity
from blog.kinds import Kind, hookimpl, hookspec
from blog.language import format_date, format_time, gettext, lazy_gettext, ngettext
from blog.models import Comment, FormerAddress, Leftover, Post, PostKind, PostStatus
from blog.moderation import Action, CommentKind, Draft, Judgement, Reason, Status, Verdict
from blog.parts import Job, MenuItem, Permission
from blog.platform.context import generation, hooks, is_behind, settings
from blog.platform.settings import SettingsForm
from blog.platform.tables import plugin_base
from blog.rows import CommentRow, Cursor, PostRow, StatusChange, ThreadPage
from blog.templating import render
