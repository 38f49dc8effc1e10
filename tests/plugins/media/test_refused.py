"""What is bad gets a clear line: the text stays, nothing is kept, nothing breaks."""

import re
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from blog import Post, session
from blog.testing import SiteUnderTest
from blog_plugins.media import pictures, services

from .conftest import picture

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<!doctype html><script>alert(1)</script>"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """Give a small PNG that says that it is large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 10_000_000)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def nested() -> bytes:
    """Give an icon that holds a large PNG."""
    inner = bomb(100_000, 100_000)
    entry = struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, len(inner), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + inner


def many_frames() -> bytes:
    """Give a picture that moves a thousand times on a large canvas."""
    file = BytesIO()
    frames = [Image.new("P", (1, 1), n % 2) for n in range(1000)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], disposal=2)
    data = bytearray(file.getvalue())
    data[6:10] = struct.pack("<HH", 20_000, 20_000)
    return bytes(data)


BAD = {
    "bomb.png": (bomb(100_000, 100_000), "more than 64 million pixels"),
    "nested.ico": (nested(), "cannot be taken"),
    "frames.gif": (many_frames(), "more than 64 million pixels"),
    "drawing.svg": (SVG, "drawings (SVG) can hold programs"),
    "drawing.png": (SVG, "cannot be taken"),
    "page.jpg": (PAGE, "cannot be taken"),
    "page.pdf": (PAGE, "cannot be taken"),
    "page.html": (PAGE, "cannot be taken"),
    "picture.pdf": (picture(), "cannot be taken"),
    "cut.jpg": (picture()[:3000], "damaged, or was cut off"),
    "cut.png": (picture("PNG")[:300], "damaged, or was cut off"),
    "empty.jpg": (b"", "cannot be taken"),
    "nothing": (b"\0" * 1000, "cannot be taken"),
    "large.zip": (b"PK\x03\x04" + bytes(33 << 20), "larger than 32 MB"),
}


def kept(site: SiteUnderTest) -> list[Path]:
    """List what there is of files and pieces of files."""
    return list((site.instance / "media").rglob("*.*"))


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gets_a_line_in_the_editor_and_the_text_stays(owner, upload, name) -> None:
    data, sentence = BAD[name]

    answer = upload(owner, data, name, "/admin/media/to/0", title="Titre", body="Un texte long")

    assert answer.status_code == 200
    assert sentence in answer.text
    assert "Un texte long</textarea>" in answer.text
    assert 'value="Titre"' in answer.text
    assert kept(owner) == []


def test_ten_megabytes_of_metadata_are_left_behind(owner, upload) -> None:
    data = picture("WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0" + b"x" * 10_000_000)

    assert upload(owner, data, "exif.webp").status_code == 303
    assert max(one.stat().st_size for one in kept(owner)) < 100_000


def test_what_hangs_on_a_picture_is_left_behind(owner, upload) -> None:
    upload(owner, picture("GIF", mode="RGB") + PAGE, "both.gif")

    assert kept(owner) != []
    assert [one for one in kept(owner) if b"script" in one.read_bytes()] == []


def test_a_picture_is_what_it_is_whatever_its_name(owner, site, upload) -> None:
    page = owner.get(upload(owner, picture(), "page.html.png").headers["Location"]).text

    (path,) = set(re.findall(r'<a href="(/media/[^"]+)"', page))
    assert path.endswith("/page-html-1200.jpg")
    assert site.get(path).headers["Content-Type"] == "image/jpeg"


HOSTILE = [
    *("../../../config.toml.jpg", "..\\..\\x.jpg", "<script>alert(1)<script>.jpg", "a\0b.jpg"),
    *("\u202egpj.exe.jpg", "é" * 300 + ".jpg", ".jpg", "CON.jpg", "你好.jpg", "x.jpg/../../y.jpg"),
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_does_nothing(owner, upload, name) -> None:
    answer = upload(owner, picture(), name)

    assert answer.status_code == 303
    page = owner.get(answer.headers["Location"]).text
    assert "<script>alert" not in page
    names = {one.relative_to(owner.instance / "media" / "media").as_posix() for one in kept(owner)}
    assert all(one.count("/") <= 2 and one.isascii() for one in names)


def test_no_file_and_no_words_are_asked_for(owner, upload) -> None:
    assert "Choose a file first." in upload(owner, None).text
    answer = upload(owner, picture(), media_alt=" ")
    assert "Say what the picture shows" in answer.text
    assert kept(owner) == []
    assert upload(owner, picture(), media_alt="", media_plain="yes").status_code == 303


def test_an_old_page_keeps_the_text(owner, upload) -> None:
    answer = upload(owner, picture(), path="/admin/media/to/0", body="Un texte", csrf_token="old")

    assert answer.status_code == 422
    assert "Un texte</textarea>" in answer.text
    assert kept(owner) == []


def test_a_full_disk_gets_a_line_and_the_text_stays(owner, upload, monkeypatch) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full here")

    def write(self: Path, data: bytes) -> int:
        with full.open("wb") as file:
            return file.write(data)

    monkeypatch.setattr(Path, "write_bytes", write)
    answer = upload(owner, picture(), path="/admin/media/to/0", body="Un texte")

    assert answer.status_code == 200
    assert "perhaps the disk is full" in answer.text
    assert "Un texte</textarea>" in answer.text
    assert kept(owner) == []


def test_a_disk_that_fills_while_a_picture_is_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(picture())

    made = pictures.make(tmp_path / "source", str(tmp_path / "missing" / "x"))
    assert made == {"problem": "disk"}


@pytest.mark.parametrize(("limit", "value"), [("AS", 1 << 26), ("CPU", 0)])
def test_a_picture_that_takes_too_much_is_ended(
    owner, upload, tmp_path, monkeypatch, limit, value
) -> None:
    copy = tmp_path / "pictures.py"
    text = services.SCRIPT.read_text("utf-8")
    before = re.findall(rf'"RLIMIT_{limit}": ([^,}}]+)', text)[0]
    copy.write_text(
        text.replace(f'"RLIMIT_{limit}": {before}', f'"RLIMIT_{limit}": {value}'), "utf-8"
    )
    monkeypatch.setattr(services, "SCRIPT", copy)

    answer = upload(owner, picture("PNG", size=(7000, 7000)), "large.png")

    assert "takes too much time or memory" in answer.text
    assert kept(owner) == []


def test_a_picture_that_takes_too_long_is_ended(owner, upload, monkeypatch) -> None:
    monkeypatch.setattr(services, "SECONDS", 0.01)

    assert "takes too much time or memory" in upload(owner, picture()).text
    assert kept(owner) == []


def test_nothing_of_the_environment_reaches_what_reads_pictures(
    owner, upload, tmp_path, monkeypatch
) -> None:
    script = tmp_path / "pictures.py"
    script.write_text(
        f"import os; open({str(tmp_path / 'told')!r}, 'w').write(repr(dict(os.environ)))", "utf-8"
    )
    monkeypatch.setenv("BLOG_SECRET", "hidden")
    monkeypatch.setattr(services, "SCRIPT", script)
    upload(owner, picture())

    assert "PYTHONPATH" in (tmp_path / "told").read_text("utf-8")
    assert "hidden" not in (tmp_path / "told").read_text("utf-8")


def test_nothing_is_published_by_what_a_file_brings(owner, upload) -> None:
    upload(owner, picture(), path="/admin/media/to/0", title="Titre", body="Un texte")

    with owner.context():
        assert session.query(Post).where(Post.title == "Titre").count() == 0
