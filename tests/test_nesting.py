"""Bound how deep HTML is nested, whatever comes in."""

from __future__ import annotations

import time

import pytest

from blog import markup
from blog.nesting import DEEPEST, shallow

SECONDS = 5


@pytest.mark.parametrize(
    "tag", ["<div>", "<b>", "<foo/>", "<ul><li>", "<a href=x><b>", "<table><tr><td>", "<dd><p>"]
)
def test_deep_nesting_is_rendered_in_bounded_time(tag: str) -> None:
    begun = time.process_time()

    markup.sanitise(tag * (400_000 // len(tag)))

    assert time.process_time() - begun < SECONDS


def test_words_of_what_is_too_deep_stay() -> None:
    deep = "<div>" * 1000 + "mot" + "</div>" * 1000 + "<p>après</p>"

    made = markup.sanitise(deep)

    assert made.count("<div>") == DEEPEST
    assert "mot" in made
    assert made.endswith("<p>après</p>")


def test_long_texts_keep_every_tag() -> None:
    text = "<p>un <b>deux</b> <a href='/x'>trois</a><br>" * 1000

    assert shallow(text) == text


def test_empty_elements_of_other_languages_cost_no_depth() -> None:
    text = "<o:p/>" * 1000 + "<p>un <b>deux</b></p>"

    assert shallow(text) == "<p>un <b>deux</b></p>"
