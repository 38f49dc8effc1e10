"""Files are stored whole, served safely, and made fit for pages."""

import re
from io import BytesIO

import pytest
from PIL import Image

from blog.testing import SiteUnderTest

from .conftest import picture

PATH = re.compile(r"/media/[0-9a-z]{16}/[0-9a-f]{16}/[a-z0-9.-]+")


def stored(site: SiteUnderTest) -> list[str]:
    """Name what the site keeps of files, without their folders."""
    found = (site.instance / "media" / "media").rglob("*.*")
    return sorted(one.name for one in found if one.name != "about.json")


def path_of(site: SiteUnderTest, answer) -> str:
    """Read the address of a file from its page in the library."""
    return str(PATH.findall(site.get(answer.headers["Location"]).text)[0])


def test_a_picture_is_kept_in_several_widths_and_as_webp(owner, upload) -> None:
    answer = upload(owner, picture(size=(3000, 2000)), "Été à Lomé.JPG")

    assert answer.status_code == 303
    widths = ("-1440", "-2400", "-480", "-960")
    assert stored(owner) == [f"ete-a-lome{w}.{k}" for w in widths for k in ("jpg", "webp")]
    with Image.open(BytesIO(owner.get(path_of(owner, answer)).data)) as image:
        assert image.size == (2400, 1600)


def test_a_picture_is_turned_upright_and_tells_nothing_more(owner, upload) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Secret Camera"
    exif.get_ifd(0x8825)[2] = (6.0, 8.0, 0.0)

    answer = upload(owner, picture(exif=exif, comment=b"Secret word"))

    data = owner.get(path_of(owner, answer)).data
    with Image.open(BytesIO(data)) as image:
        assert image.size == (800, 1200)
        assert image.getpixel((400, 100))[1] < 60  # type: ignore[index]  # the red half is above
        assert not image.getexif()
    kept = b"".join(one.read_bytes() for one in (owner.instance / "media").rglob("*.*"))
    assert b"Secret" not in kept


def test_a_picture_with_transparency_keeps_it(owner, upload) -> None:
    answer = upload(owner, picture("WEBP", mode="RGBA"))

    assert path_of(owner, answer).endswith(".png")


def test_a_picture_that_moves_goes_on_moving(owner, upload) -> None:
    frames = [Image.new("RGB", (20, 20), one) for one in ("red", "green", "blue")]
    file = BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], comment=b"Secret")

    answer = upload(owner, file.getvalue(), "moves.gif")

    data = owner.get(path_of(owner, answer)).data
    assert b"Secret" not in data
    with Image.open(BytesIO(data)) as image:
        assert image.format == "GIF"
        assert image.n_frames > 1  # type: ignore[attr-defined]


def test_a_picture_is_served_for_good_and_in_parts(owner, site, upload) -> None:
    path = path_of(owner, upload(owner, picture()))

    answer = site.get(path)

    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "immutable" in answer.headers["Cache-Control"]
    assert (
        "Content-Disposition" not in answer.headers
        or "inline" in (answer.headers["Content-Disposition"])
    )
    assert site.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    part = site.get(path, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, answer.data[:10])


def test_a_document_is_offered_to_keep(owner, site, upload) -> None:
    path = path_of(owner, upload(owner, b"%PDF-1.7\n...", "Carte.pdf"))

    answer = site.get(path)

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.data == b"%PDF-1.7\n..."


def test_a_sound_is_played(owner, site, upload) -> None:
    path = path_of(owner, upload(owner, b"ID3\x04" + bytes(100), "Chant.mp3"))

    answer = site.get(path)

    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert not answer.headers.get("Content-Disposition", "").startswith("attachment")


@pytest.mark.parametrize(
    "path",
    [
        "/media/../../config.toml",
        "/media/..%2f..%2f/config.toml",
        "/media/0000000000000000/0000000000000000/..%2fx.jpg",
        "/media/0000000000000000/0000000000000000/x.jpg",
        "/media/x/y/z.jpg",
        "/media/0000000000000000/0000000000000000/" + "x" * 300 + ".jpg",
        "/media/000000000000000%00/0/x.jpg",
        "/media/../../config.toml/x",
        "/media/%2e%2e/%2e%2e/config.toml",
    ],
)
def test_nothing_else_is_served(site: SiteUnderTest, path: str) -> None:
    assert site.get(path).status_code == 404


def test_only_who_writes_uploads(site: SiteUnderTest, upload) -> None:
    assert site.post("/admin/media/", {}).status_code == 403
    assert site.get("/admin/media/").status_code in (303, 403)
    assert site.post("/admin/media/to/0", {}).status_code == 403


def test_what_is_known_of_a_file_is_not_served(owner, site, upload) -> None:
    key = path_of(owner, upload(owner, picture())).split("/")[2]

    assert (owner.instance / "media" / "media" / key / "about.json").exists()
    for path in ("KEY/about.json", "KEY/./about.json", "./KEY/about.json", "KEY//about.json"):
        assert site.get(f"/media/{path.replace('KEY', key)}").status_code in (308, 404)
