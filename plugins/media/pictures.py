"""Read pictures in a process with limits, for nobody knows what a file does to its reader."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

FORMATS = ("AVIF", "GIF", "JPEG", "PNG", "WEBP")
PIXELS, LARGEST, WIDTHS = 64_000_000, 2400, (480, 960, 1440)
SECONDS, MEMORY, OUTPUT = 40, 1 << 30, 1 << 26


def make(source: Path, target: Path, stem: str) -> dict[str, Any]:
    """Write a picture upright, without metadata, also smaller and as WebP; describe it.

    What cannot be read has the key ``problem``: unknown, pixels, damaged, limits or disk.
    """
    command = [sys.executable, "-P", __file__, str(source), str(target), stem]
    # No secret of the environment is in reach of what reads the file.
    env = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with suppress(subprocess.TimeoutExpired, ValueError):  # a limit may end it without a word
        done = subprocess.run(command, capture_output=True, env=env, timeout=SECONDS)
        return dict(json.loads(done.stdout))
    return {"problem": "limits"}


def main(source: Path, target: Path, stem: str) -> dict[str, Any]:
    """Do the work, in the child."""
    with suppress(ImportError):  # Windows has no such limits
        import resource  # noqa: PLC0415 - above

        limits = {"AS": MEMORY, "CPU": SECONDS // 2, "FSIZE": OUTPUT, "CORE": 0}
        for name, most in limits.items():
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - in the child alone

    Image.MAX_IMAGE_PIXELS = None  # asked below, before a pixel is read
    try:
        image = Image.open(source, formats=FORMATS)
        frames = getattr(image, "n_frames", 1)
        if image.width * image.height * frames > PIXELS:
            return {"problem": "pixels"}
        return _moving(image, target, stem) if frames > 1 else _still(image, target, stem)
    except UnidentifiedImageError:
        return {"problem": "unknown"}
    except MemoryError:
        return {"problem": "limits"}
    except OSError as error:
        return {"problem": "disk" if error.errno else "damaged"}
    except Exception:
        return {"problem": "damaged"}


def _still(image: Any, target: Path, stem: str) -> dict[str, Any]:
    from PIL import ImageOps  # noqa: PLC0415 - in the child alone

    kind = "png" if image.format in ("GIF", "PNG") else "jpg"
    image.draft("RGB", (LARGEST, LARGEST))
    image.load()
    with suppress(Exception):  # what turns it may be broken, and the picture whole
        image = ImageOps.exif_transpose(image)
    # Its colours mean nothing without their profile; all other metadata goes.
    colours = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.info, kind = {}, "png" if image.mode == "RGBA" else kind
    image.thumbnail((LARGEST, LARGEST))
    widths = [*(one for one in WIDTHS if one < image.width), image.width]
    for width in widths:
        one = image.resize((width, max(1, round(image.height * width / image.width))))
        file = target / (stem if width == image.width else f"{stem}-{width}")
        one.save(f"{file}.webp", quality=82, icc_profile=colours)
        one.save(f"{file}.{kind}", quality=82, progressive=True, icc_profile=colours)
    size = {"width": image.width, "height": image.height}
    return {"file": f"{stem}.{kind}", "widths": ",".join(map(str, widths)), **size}


def _moving(image: Any, target: Path, stem: str) -> dict[str, Any]:
    from PIL import ImageSequence  # noqa: PLC0415 - in the child alone

    file = f"{stem}.{'gif' if image.format == 'GIF' else 'webp'}"
    frames = [one.copy() for one in ImageSequence.Iterator(image)]
    durations = [one.info.get("duration", 100) for one in frames]
    for one in frames:
        one.info = {"transparency": one.info["transparency"]} if "transparency" in one.info else {}
    more: dict[str, Any] = {"append_images": frames[1:], "duration": durations, "loop": 0}
    frames[0].save(target / file, save_all=True, **more)
    return {"file": file, "width": image.width, "height": image.height}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
