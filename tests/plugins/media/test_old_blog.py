"""Files of an old blog are told apart by their whole names, and found by smaller ones' too."""

import os
from pathlib import Path

import pytest

from blog import writing
from blog.testing import SiteUnderTest
from blog_plugins.media import services
from blog_plugins.media.services import attachment_here, found, known

from .conftest import picture

FOLDER = "/wp-content/uploads/2010/01"


def put(site: SiteUnderTest, name: str, size: tuple[int, int] = (300, 250)) -> Path:
    """Put a picture where an import keeps it."""
    file = site.instance / "media" / FOLDER[1:] / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(picture(size=size))
    return file


@pytest.fixture
def advertised(site: SiteUnderTest) -> SiteUnderTest:
    """Give a site that took three pictures whose names differ by a size only."""
    sizes = {"ad.jpg": (600, 500), "ad-300x250.jpg": (300, 250), "ad-728x90.jpg": (728, 90)}
    with site.context():
        for name, size in sizes.items():
            assert attachment_here(f"{FOLDER}/{name}", put(site, name, size), name)
    return site


def width_of(address: str) -> int:
    """Give the width of the picture at an address of the old blog; 0 when there is none."""
    file = found(f"{FOLDER}/{address}")
    return file.width if file else 0


def test_pictures_whose_names_differ_by_a_size_are_kept_apart(advertised: SiteUnderTest) -> None:
    with advertised.context():
        names = ("ad.jpg", "ad-300x250.jpg", "ad-728x90.jpg")
        assert [width_of(one) for one in names] == [600, 300, 728]


def test_a_smaller_one_is_found_by_the_name_of_the_original(advertised: SiteUnderTest) -> None:
    with advertised.context():
        names = ("ad-150x125.jpg", "ad-scaled.jpg", "ad-300x250-150x125.jpg", "bad-150x125.jpg")
        assert [width_of(one) for one in names] == [600, 600, 300, 0]


def test_the_sizes_of_a_scaled_picture_are_found(site: SiteUnderTest) -> None:
    with site.context():
        attachment_here(f"{FOLDER}/lac-scaled.jpg", put(site, "lac-scaled.jpg"), "")

        assert [width_of(one) for one in ("lac.jpg", "lac-150x125.jpg")] == [300, 300]


def test_a_post_shows_the_picture_that_it_names(advertised: SiteUnderTest) -> None:
    html = f'<p><img src="{FOLDER}/ad-728x90.jpg" alt=""></p>'

    post = advertised.write_post("Un", html, markup="html")

    assert "/ad-728x90-728.jpg" in advertised.get(post.path).text


def test_deleting_one_empties_it_and_its_smaller_ones_alone(advertised: SiteUnderTest) -> None:
    smaller = put(advertised, "ad-150x125.jpg")
    with advertised.context():
        file = found(f"{FOLDER}/ad.jpg")
        assert file is not None
        services.remove(file)

        assert [width_of(one) for one in ("ad.jpg", "ad-150x125.jpg")] == [0, 0]
    empty = {one.name for one in smaller.parent.iterdir() if not one.stat().st_size}
    assert empty == {"ad.jpg", "ad-150x125.jpg"}


def test_one_that_was_deleted_is_not_replaced_by_another(advertised: SiteUnderTest) -> None:
    with advertised.context():
        file = found(f"{FOLDER}/ad-300x250.jpg")
        assert file is not None
        services.remove(file)

        assert width_of("ad-300x250.jpg") == 0
        assert width_of("ad.jpg") == 600


@pytest.mark.parametrize("path", ["https://elsewhere.example/x.jpg", f"{FOLDER}/a%0Ab.jpg", ""])
def test_an_address_of_no_file_is_not_taken(site: SiteUnderTest, path: str) -> None:
    with site.context():
        assert not attachment_here(path, put(site, "x.jpg"), "")
        assert known("") is None
    assert not (site.instance / "media" / "media").exists()


def test_a_file_that_is_too_large_is_not_read(site: SiteUnderTest) -> None:
    file = put(site, "film.jpg")
    with file.open("r+b") as opened:
        opened.truncate((32 << 20) + 1)
    with site.context():
        assert not attachment_here(f"{FOLDER}/film.jpg", file, "")
        file.write_bytes(picture())

        assert not attachment_here(f"{FOLDER}/film.jpg", file, "")


@pytest.mark.parametrize("text", [b"", b"[1]", b"{}", b"\xff", b'{"more": 1}'])
def test_a_damaged_file_hides_no_other(owner: SiteUnderTest, upload, text: bytes) -> None:
    upload(owner, picture(), media_alt="Le fleuve")
    upload(owner, picture(size=(90, 90)), media_alt="Le lac")
    with owner.context():
        (lake,) = (one for one in services.every() if one.alt == "Le lac")
        (services.at() / lake.key / "about.json").write_bytes(text)

    page = owner.get("/admin/media/")
    assert page.status_code == 200
    assert "<span>Le fleuve</span>" in page.text
    assert owner.get(f"/admin/media/{lake.key}").status_code == 404


def test_a_file_that_is_gone_leads_nowhere(owner: SiteUnderTest, upload) -> None:
    upload(owner, picture())
    with owner.context():
        (file,) = services.every()
        services.at(file.path).unlink()

    assert owner.get(file.path).status_code == 404


def test_a_new_file_needs_no_write(site: SiteUnderTest) -> None:
    with site.context(), writing():  # none begins inside of another
        services.take("0" * 16, picture(), "x.jpg", "Le lac", plain=False)

        assert [one.alt for one in services.every()] == ["Le lac"]


def test_a_new_file_that_is_not_noted_goes(site: SiteUnderTest, monkeypatch) -> None:
    def fail(_: int) -> None:
        raise OSError("full")

    monkeypatch.setattr(os, "fsync", fail)
    with site.context():
        with pytest.raises(OSError, match="full"):
            services.take("0" * 16, picture(), "x.jpg", "Le lac", plain=False)

        assert list(services.at().iterdir()) == []


def test_a_replacement_that_is_not_written_leaves_what_was_there(site: SiteUnderTest) -> None:
    with site.context():
        file = services.take("0" * 16, picture(), "x.jpg", "Le lac", plain=False)
        with writing(), pytest.raises(RuntimeError):
            services.take(file.key, picture(size=(9, 9)), "y.jpg", "Autre", plain=False)

        assert known(file.key) == file
        assert services.at(file.path).exists()
        names = {one.name for one in (services.at() / file.key).iterdir()}
        assert names == {"about.json", Path(file.path).parent.name}


def test_a_description_that_is_not_written_leaves_the_picture(site: SiteUnderTest) -> None:
    with site.context():
        file = services.take("0" * 16, picture(), "x.jpg", "Le lac", plain=False)
        with writing(), pytest.raises(RuntimeError):
            services.note(file._replace(alt="Autre"))

        assert known(file.key) == file
        assert services.at(file.path).exists()


def test_the_line_of_plain_text_is_at_the_address_of_the_site(owner: SiteUnderTest, upload) -> None:
    owner.set("core", site_url="https://localhost")

    answer = upload(owner, picture(), path="/admin/media/to/0", body="Un texte", markup="plain")

    assert "https://localhost/media/" in answer.text
