"""Declare the hook through which another plugin takes the files of the old blog."""

from pathlib import Path

from blog import Kind, hookspec


@hookspec(kind=Kind.COLLECT, since="1.0")
def attachment_here(path: str, file: Path, alt: str) -> bool:
    """Hear of a file that an import named as an attachment and that is here.

    ``path`` is where it is served, as the old blog had it; ``alt`` says what a picture shows.
    Called in a job after each import, after files were fetched, and each night, so also for files
    that you have taken before.
    Say whether you took it now: posts are rendered again at the end if anything came.
    Where somebody deletes it, empty the file and the smaller ones beside it: an empty file is not
    served, and neither a folder that is copied nor the old blog brings it again.
    Implement it with ``@hookimpl(optionalhook=True)``.
    """
