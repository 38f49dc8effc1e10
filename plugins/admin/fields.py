"""Gather the fields that plugins add to the editor, and contain what they fail at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import request
from markupsafe import Markup
from wtforms import Field
from wtforms.form import BaseForm

from blog import Post, PostRow, columns, hooks

from .hookspecs import FormField

# What the form sends for each field that it shows: a box that is not ticked sends nothing.
SHOWN = "shown"
GUARD = re.compile(r"([a-z][a-z0-9]{0,49})_guard", re.ASCII)


def of(post: Post | None) -> dict[str, tuple[str, FormField]]:
    """Give the fields by name, each with its plugin; one that cannot be made stops no post."""
    fields: dict[str, tuple[str, FormField]] = {}
    for answer in hooks.post_form_fields(_row(post)):
        own = _own(answer.plugin, answer.value)
        try:
            _try_out(own)
        except BaseException as error:  # whatever a field, its filters or its widget raise
            hooks.failed(answer.plugin, "post_form_fields", error)
            continue
        fields |= {name: (answer.plugin, one) for name, one in own.items()}
    return fields


def more(post: Post | None) -> Markup:
    """Give what plugins show below the body."""
    return Markup("").join(one.value for one in hooks.slot_post_form(_row(post)))


def contain(field: Any, plugin: str) -> None:
    """Let a validator that fails be recorded, and stop no post."""
    check = field.validate

    def validate(*arguments: Any) -> bool:
        try:
            return bool(check(*arguments))
        except BaseException as error:
            hooks.failed(plugin, f"field {field.name}", error)
            return True

    field.validate = validate


def shown() -> list[str]:
    """Name the fields that the editor showed which was sent."""
    return request.form.getlist(SHOWN) if request.method == "POST" else []


def guards() -> list[str]:
    """Name the plugins that were ticked as guards, also one that was turned off meanwhile."""
    sent = request.form if request.method == "POST" else {}
    found = (GUARD.fullmatch(name) for name, value in sent.items() if value)
    return sorted(one[1] for one in found if one)


def guard_after(before: str | None) -> str | None:
    """Give the guard that a post has afterwards: only a box that was shown takes it away."""
    chosen = guards()
    if chosen:
        return before if before in chosen else chosen[0]
    return None if before and f"{before}_guard" in shown() else before


def _row(post: Post | None) -> PostRow | None:
    names = [one.key for one in columns.POST_COLUMNS]
    return columns.post_row([getattr(post, one) for one in names]) if post else None


def _own(plugin: str, given: Mapping[str, FormField]) -> dict[str, FormField]:
    """Keep the fields that are the plugin's to name, and record that others are left out."""
    others = [name for name in given if not name.startswith(f"{plugin}_")]
    if others:
        names = ", ".join(map(repr, others))
        error = ValueError(f"{names} does not begin with '{plugin}_': the field is left out")
        hooks.failed(plugin, "post_form_fields", error)
    return {name: one for name, one in given.items() if name not in others}


def _try_out(own: Mapping[str, FormField]) -> None:
    form = BaseForm(own)
    form.process(request.form if request.method == "POST" else None)
    for field in form:
        _show(field)


def _show(field: Field) -> None:
    str(field.label.text), str(field.description), str(field())
