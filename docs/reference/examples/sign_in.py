"""Lead people to a log-in form of this plugin."""

from urllib.parse import quote

from blog import SignIn, hookimpl


@hookimpl
def sign_in(path: str) -> SignIn | None:
    """Bring them back to where they were."""
    return SignIn(f"/members/?next={quote(path)}")
