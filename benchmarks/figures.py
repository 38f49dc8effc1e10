"""Print figures beside their bounds."""

import re

MISSED: list[str] = []


def say(what: str, figure: str, *, least: float | None = None, most: float | None = None) -> None:
    """Print a figure beside its bound, and remember it when it misses that."""
    number = float(re.findall(r"-?[\d.]+", figure)[0])
    bound = f"≥ {least:g}" if least is not None else f"≤ {most:g}" if most is not None else ""
    missed = (least is not None and number < least) or (most is not None and number > most)
    if missed:
        MISSED.append(what)
    print(f"{what:<48} {figure:<32} {bound}{' missed' if missed else ''}", flush=True)
