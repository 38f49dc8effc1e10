"""Write a picture anew, in a process of its own: nobody knows what a file does to its reader."""

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

FORMATS = ("AVIF", "GIF", "JPEG", "PNG", "WEBP")
PIXELS, LARGEST, WIDTHS = 64_000_000, 2400, (480, 960, 1440)
LIMITS = {"RLIMIT_AS": 1 << 30, "RLIMIT_CPU": 20, "RLIMIT_FSIZE": 1 << 26, "RLIMIT_CORE": 0}


def make(source: Path, target: str) -> dict[str, Any]:
    """Write a picture upright, without metadata, also smaller and as WebP; say what it is."""
    Image.MAX_IMAGE_PIXELS = None  # asked below, before a pixel is read
    try:
        image = Image.open(source, formats=FORMATS)
        frames = getattr(image, "n_frames", 1)
        if image.width * image.height * frames > PIXELS:
            return {"problem": "pixels"}
        if frames == 1:
            return _still(image, target)
        file = f"{target}.{'gif' if image.format == 'GIF' else 'webp'}"
        pauses = [one.info.get("duration", 100) for one in ImageSequence.Iterator(image)]
        image.save(file, save_all=True, duration=pauses, loop=0, comment=b"", exif=b"", xmp=b"")
        return {"file": file, "width": image.width, "height": image.height}
    except Exception as error:  # nobody knows which
        words = {UnidentifiedImageError: "unknown", MemoryError: "limits"}
        is_disk = isinstance(error, OSError) and error.errno
        return {"problem": "disk" if is_disk else words.get(type(error), "damaged")}


def _still(image: Any, target: str) -> dict[str, Any]:
    image.draft("RGB", (LARGEST, LARGEST))
    image.load()
    with suppress(Exception):  # what turns it may be broken, and the picture whole
        ImageOps.exif_transpose(image, in_place=True)
    # Its colours mean nothing without their profile; all other metadata goes.
    colours = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
    whole = image.convert("RGBA" if image.has_transparency_data else "RGB")
    kind = "png" if whole.mode == "RGBA" or image.format in ("GIF", "PNG") else "jpg"
    whole.info = {}
    whole.thumbnail((LARGEST, LARGEST))
    widths = [*(one for one in WIDTHS if one < whole.width), whole.width]
    for width in widths:
        one = whole.resize((width, max(1, round(whole.height * width / whole.width))))
        for file in (f"{target}-{width}.webp", f"{target}-{width}.{kind}"):
            one.save(file, quality=82, icc_profile=colours)
    said = ",".join(map(str, widths))
    return {"file": file, "width": width, "height": one.height, "widths": said}


if __name__ == "__main__":
    with suppress(ImportError):  # Windows has no such limits
        import resource

        for name, most in LIMITS.items():
            resource.setrlimit(getattr(resource, name), (most, most))
    print(json.dumps(make(Path(sys.argv[1]), sys.argv[2])))
