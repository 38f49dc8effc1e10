"""Bodies show pictures in fitting sizes, and the library knows where."""

import re
from html import unescape

import pytest

from blog.testing import SiteUnderTest

from .conftest import picture

PATH = re.compile(r"/media/[0-9a-z]{16}/[0-9a-f]{16}/[a-z0-9.-]+")


def page_of(path: str) -> str:
    """Give the page of a file in the library."""
    return f"/admin/media/{path.split('/')[2]}"


@pytest.fixture
def path(owner: SiteUnderTest, upload) -> str:
    """Give the address of a picture in the library."""
    return str(PATH.findall(owner.get(upload(owner, picture()).headers["Location"]).text)[0])


def test_a_picture_is_shown_in_several_widths_and_formats(site, path: str) -> None:
    post = site.write_post("Un", f"![Le bord]({path})")

    html = site.get(post.path).text
    stem = path.removesuffix("-1200.jpg")
    webp = f"{stem}-480.webp 480w, {stem}-960.webp 960w, {stem}-1200.webp 1200w"
    assert f'srcset="{webp}"' in html
    assert f'srcset="{webp.replace("webp", "jpg")}"' in html
    tag = re.findall(r"<picture>.*<img [^>]*>", html)[0]
    for part in ('type="image/webp"', 'width="1200"', 'height="800"', 'loading="lazy"',
                 'alt="Le bord"', f'src="{path}"', "34rem"):  # fmt: skip
        assert part in tag


def test_a_picture_without_words_gets_those_of_the_library(site, path: str) -> None:
    post = site.write_post("Un", f"![]({path})")

    assert 'alt="Le fleuve"' in site.get(post.path).text


def test_what_an_author_laid_out_stays(site, path: str) -> None:
    html = f'<picture><source srcset="/a.webp"><img src="{path}" alt="x"></picture>'
    post = site.write_post("Un", html, markup="html")
    asked = site.write_post("Deux", f"<p><img src='{path}' width='300'></p>", markup="html")

    assert site.get(post.path).text.count("<picture>") == 1
    assert 'sizes="300px"' in site.get(asked.path).text
    assert 'width="300"' in site.get(asked.path).text
    assert 'height="200"' in site.get(asked.path).text


def test_a_page_costs_nothing_more_for_its_pictures(site, path: str) -> None:
    without = site.write_post("Un", "Rien")
    post = site.write_post("Deux", f"![]({path})\n\n" * 20)
    site.get(post.path)

    assert site.statements(post.path) <= site.statements(without.path)


def test_the_library_knows_where_a_picture_is_used(site, owner, path: str) -> None:
    post = site.write_post("Le fleuve monte", f"![]({path})")

    assert f'<a href="{post.path}">Le fleuve monte</a>' in owner.get(page_of(path)).text


def test_uses_are_found_that_came_while_the_plugin_was_off(site, owner, path: str) -> None:
    site.disable("media")
    site.write_post("Le fleuve monte", f"![]({path})")
    site.enable("media")
    site.work()
    site.wsgi.housekeep()

    assert "Le fleuve monte" in owner.get(page_of(path)).text


def test_a_picture_is_replaced_everywhere(site, owner, upload, path: str) -> None:
    post = site.write_post("Un", f"![]({path})")

    answer = upload(owner, picture(size=(600, 300)), "neuf.jpg", page_of(path), do="replace")
    site.wsgi.housekeep()

    assert answer.status_code == 303
    html = site.get(post.path).text
    assert path not in html
    assert 'width="600" height="300"' in re.sub(r' (sizes|srcset|loading)="[^"]*"', "", html)
    old = site.get(path)
    assert old.status_code == 302
    assert site.get(old.headers["Location"]).status_code == 200
    assert f'<a href="{post.path}">Un</a>' in owner.get(page_of(path)).text


def test_a_picture_is_replaced_by_a_picture_alone(owner, upload, path: str) -> None:
    answer = upload(owner, b"%PDF-1.7", "x.pdf", page_of(path), do="replace")

    assert answer.status_code == 422
    assert "Only a picture can replace a picture" in answer.text
    assert owner.get(path).status_code == 200


def test_a_picture_is_described_anew_in_posts(site, owner, upload, path: str) -> None:
    post = site.write_post("Un", f"![]({path})")

    upload(owner, None, path=page_of(path), do="describe", media_alt='Un "pont" <neuf>')
    site.wsgi.housekeep()

    assert 'alt="Un &quot;pont&quot; &lt;neuf&gt;"' in site.get(post.path).text


def test_a_picture_is_deleted_with_its_files(site, owner, upload, path: str) -> None:
    site.write_post("Un", f"![]({path})")

    assert upload(owner, None, path=page_of(path), do="delete").status_code == 303
    assert site.get(path).status_code == 404
    assert "Nothing yet." in owner.get("/admin/media/").text
    assert list((site.instance / "media" / "media").iterdir()) == []


def test_the_library_is_searched_and_paged(owner, upload) -> None:
    for number in range(26):
        upload(owner, f"texte {number}".encode(), f"note-{number}.txt", media_alt=f"Mot {number}")

    first = owner.get("/admin/media/").text
    rest = owner.get(re.findall(r'rel="next" href="([^"]+)"', first)[0].replace("&amp;", "&")).text
    assert (first.count("media-kind"), rest.count("media-kind")) == (24, 2)
    assert owner.get("/admin/media/?q=MOT+17").text.count("media-kind") == 1
    assert "Nothing like that" in owner.get("/admin/media/?q=%25").text
    assert owner.get("/admin/media/?start=x").status_code == 200
    assert owner.get(f"/admin/media/?start={'9' * 40}").status_code == 200


@pytest.mark.parametrize(
    ("kind", "line"),
    [("markdown", r"![Le \[fleuve\]](/media/"), ("html", '<img src="/media/'), ("plain", "http")],
)
def test_the_editor_gets_a_picture_at_the_end_of_the_text(owner, upload, kind, line) -> None:
    answer = upload(owner, picture(), path="/admin/media/to/0", body="Un texte", markup=kind,
                    media_alt="Le [fleuve]")  # fmt: skip

    found = re.findall(r'<textarea[^>]*name="body"[^>]*>(.*?)</textarea>', answer.text, re.DOTALL)
    body = unescape(found[0])
    assert body.strip().startswith(f"Un texte\n\n{line}")


def test_the_editor_keeps_what_was_typed_in_a_post_that_is_there(site, owner, upload) -> None:
    post = site.write_post("Un", "Avant")

    place = f"/admin/media/to/{post.id}"
    typed = {"title": "Nouveau", "body": "Après", "markup": "markdown"}
    answer = upload(owner, b"%PDF-1.7", "Carte.pdf", place, **typed)

    assert "[Le fleuve](/media/" in answer.text
    assert 'value="Nouveau"' in answer.text
    assert "Avant" in site.get(post.path).text
