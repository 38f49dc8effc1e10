"""Give headings an address."""

import re
from itertools import count

from blog import hookimpl


@hookimpl
def body_rendered(html: str, markup: str) -> str:
    """Add numbers, so that ``#body-part-2`` leads to the second."""
    numbers = count(1)
    return re.sub("<h2>", lambda _: f'<h2 id="part-{next(numbers)}">', html)
