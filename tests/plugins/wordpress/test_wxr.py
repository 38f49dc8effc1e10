"""Read odd exports whole, refuse broken ones with the place, in flat memory and time."""

import time
import tracemalloc
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from blog_plugins.wordpress import wxr
from blog_plugins.wordpress.broken import BrokenExport, Problem

from .conftest import HEAD, TAIL, Export

ItemText = Callable[..., str]


def refusal(file: BytesIO) -> BrokenExport:
    """Check a file that must be refused."""
    with pytest.raises(BrokenExport) as refused:
        wxr.check(file)
    return refused.value


def test_a_comment_carries_its_own_fields(export: Export, item: ItemText) -> None:
    comment = """<wp:comment><wp:comment_id>5</wp:comment_id>
    <wp:comment_content><![CDATA[Bien dit.]]></wp:comment_content>
    <wp:commentmeta><wp:meta_key>akismet_result</wp:meta_key>
    <wp:meta_value><![CDATA[false]]></wp:meta_value></wp:commentmeta></wp:comment>"""

    [post] = wxr.items(export(item(comment)))

    [read] = post.comments
    assert (read.id, read.body) == ("5", "Bien dit.")
    assert [(meta.key, meta.value) for meta in read.metas] == [("akismet_result", "false")]


def test_prefixes_that_nothing_declares_are_read(export: Export, item: ItemText) -> None:
    head = HEAD.replace('xmlns:wp="http://wordpress.org/export/1.2/"', "")

    [post] = wxr.items(export(item(), head=head))

    assert (post.id, post.status) == ("7", "publish")


def test_prefixes_of_another_name_are_read_as_wordpress_writes_them(
    export: Export, item: ItemText
) -> None:
    swapped = [text.replace("wp:", "w:") for text in (HEAD, item())]

    [post] = wxr.items(export(swapped[1], head=swapped[0].replace("xmlns:wp", "xmlns:w")))

    assert (post.id, post.slug) == ("7", "arbre")


def test_what_is_missing_reads_as_empty(export: Export) -> None:
    [post] = wxr.items(export("<item><wp:post_id>3</wp:post_id></item>"))

    assert (post.type, post.status, post.slug, post.date_gmt, post.comments) == ("", "", "", "", ())


def test_an_export_without_a_version_is_read_as_1_0(export: Export, item: ItemText) -> None:
    head = HEAD.replace("<wp:wxr_version>1.2</wp:wxr_version>", "")

    assert wxr.check(export(item(), head=head)).channel.version == "1.0"


def test_serialised_php_is_kept_as_it_stands(export: Export, item: ItemText) -> None:
    php = 'a:1:{s:3:"key";s:13:"¯\\_(ツ)_/¯";}'
    meta = f"<wp:meta_key>array</wp:meta_key><wp:meta_value><![CDATA[{php}]]></wp:meta_value>"

    [post] = wxr.items(export(item(f"<wp:postmeta>{meta}</wp:postmeta>")))

    assert [(each.key, each.value) for each in post.metas] == [("array", php)]


def test_control_characters_are_left_out_and_counted(export: Export, item: ItemText) -> None:
    file = export(item("<content:encoded><![CDATA[un\x0b deux\x08\x00 trois￾]]></content:encoded>"))

    [post] = wxr.items(file)

    assert post.body == "un deux trois"
    assert wxr.check(file).removed == 4


def test_blank_lines_before_the_declaration_are_survived(export: Export, item: ItemText) -> None:
    assert wxr.check(export(item(), head="\n \n" + HEAD)).items.total() == 1


@pytest.mark.parametrize(
    ("encoding", "label"),
    [
        ("iso-8859-1", "ISO-8859-1"),
        ("windows-1252", "windows-1252"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-8-sig", "UTF-8"),
        ("shift_jis", "Shift_JIS"),
    ],
)
def test_other_encodings_are_read(
    export: Export, item: ItemText, encoding: str, label: str
) -> None:
    word = "東京" if encoding == "shift_jis" else "été"
    text = item().replace("Sous l’arbre", word)

    [post] = wxr.items(export(text, head=HEAD.replace('"UTF-8"', f'"{label}"'), encoding=encoding))

    assert post.title == word


@pytest.mark.parametrize("label", ["unicode_escape", "idna", "rot13", "no-such", "utf-16"])
def test_an_encoding_that_cannot_be_is_refused(export: Export, label: str) -> None:
    refused = refusal(export(head=HEAD.replace('"UTF-8"', f'"{label}"')))

    assert (refused.problem, refused.line) == (Problem.ENCODING, 1)


def test_bytes_outside_the_encoding_are_refused_with_their_place(export: Export) -> None:
    data = export("<item>\n<title>caf", "é</title></item>").getvalue()
    line = HEAD.count("\n") + 2

    refused = refusal(BytesIO(data.replace("é".encode(), b"\xe9")))

    assert (refused.problem, refused.line, refused.column) == (Problem.ENCODING, line, 11)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", Problem.EMPTY),
        (b" \n\n", Problem.EMPTY),
        (b"PK\x03\x04....", Problem.ARCHIVE),
        (b"\x1f\x8b\x08\x00", Problem.ARCHIVE),
        (b"\x89PNG\r\n\x1a\n\x00\x00", Problem.ENCODING),
        (b"SQLite format 3\x00", Problem.BINARY),
        (b'{"posts": []}', Problem.NOT_XML),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", Problem.HTML),
        (b"<html><body>Log in</body></html>", Problem.HTML),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'></feed>", Problem.NOT_WXR),
        (b"<rss><channel><item><title>News</title></item></channel></rss>", Problem.NOT_WXR),
        (b"<?xml version='1.0'?>", Problem.CUT),
    ],
)
def test_what_is_no_export_is_refused_by_name(data: bytes, problem: Problem) -> None:
    assert refusal(BytesIO(data)).problem is problem


def test_a_file_that_is_cut_is_refused_at_its_end(export: Export, item: ItemText) -> None:
    data = export(item(), item()).getvalue()

    refused = refusal(BytesIO(data[: len(data) - len(TAIL) - 60]))

    assert refused.problem is Problem.CUT
    assert refused.line == HEAD.count("\n") + 2


def test_a_mismatched_tag_is_refused_with_line_and_column(export: Export) -> None:
    refused = refusal(export("<item>\n  <title>a</link></item>", head="\n" + HEAD))

    assert refused.problem is Problem.MALFORMED
    assert (refused.line, refused.column) == (1 + HEAD.count("\n") + 2, 13)
    assert str(refused) == (
        "The file is not well-formed XML: mend it at this place or export it again. "
        f"Line {refused.line}, column 13. (mismatched tag)"
    )


def test_entities_are_refused_before_they_expand() -> None:
    bomb = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'

    assert refusal(BytesIO(f"{bomb}<rss>&b;</rss>".encode())).problem is Problem.ENTITIES


def test_an_outside_document_type_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    doctype = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'

    assert refusal(BytesIO(f"{doctype}<rss>&x;</rss>".encode())).problem is Problem.ENTITIES


def test_deep_nesting_is_refused(export: Export) -> None:
    assert refusal(export("<item>" + "<a>" * 100_000)).problem is Problem.DEEP


def test_line_numbers_of_items_are_those_of_the_file(export: Export, item: ItemText) -> None:
    [_, second] = wxr.items(export(item(), item(), head="\n\n" + HEAD))

    assert second.element.line == 2 + HEAD.count("\n") + 2


def test_an_element_is_stored_as_json_without_what_is_named(export: Export, item: ItemText) -> None:
    comment = "<wp:comment> <wp:comment_author_IP>192.0.2.7</wp:comment_author_IP> </wp:comment>"
    [post] = wxr.items(export(item('<category domain="post_tag">Mil</category>', comment)))

    stored = post.element.stored(without={"wp:comment_author_IP"})

    assert stored["children"][-2:] == [
        {"name": "category", "attributes": {"domain": "post_tag"}, "text": "Mil"},
        {"name": "wp:comment"},
    ]


def test_elements_without_a_field_are_left_over(export: Export, item: ItemText) -> None:
    [post] = wxr.items(export(item("<wp:ping_status>open</wp:ping_status>", "<g:x>1</g:x>")))

    assert [element.name for element in post.leftovers] == ["wp:ping_status", "g:x"]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path, item: ItemText) -> None:
    small, large = (peak(filled(tmp_path, item(), megabytes)) for megabytes in (2, 20))

    assert large < small * 1.2 + 100_000


def peak(path: Path) -> int:
    """Measure the most memory that both passes over a file hold at once."""
    with path.open("rb") as file:
        tracemalloc.start()
        wxr.check(file)
        for _ in wxr.items(file):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return most


def filled(folder: Path, text: str, megabytes: int) -> Path:
    """Write an export of a size, of items of about 10 kB."""
    body = f"<content:encoded>{'palabre ' * 1250}</content:encoded></item>"
    entry = text.replace("</item>", body)
    path = folder / f"{megabytes}.xml"
    path.write_text(HEAD + entry * (megabytes * 100) + TAIL, encoding="utf-8")
    return path


@pytest.mark.material
def test_the_largest_real_export_is_read_twice_within_two_seconds(material: Path) -> None:
    started = time.process_time()

    with (material / "wordpress" / "alienlebarge.xml").open("rb") as file:
        wxr.check(file)
        list(wxr.items(file))

    assert time.process_time() - started < 2
