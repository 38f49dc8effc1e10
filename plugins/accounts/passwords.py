"""Hash passwords with argon2id, as OWASP's cheat sheet on storing passwords asks."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

# The least that OWASP names; more memory would be felt on a small server.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Checked where there is no such user, so that the answer takes as long.
NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA"
    "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)


def hashed(password: str) -> str:
    """Hash a password."""
    return _hasher.hash(_bytes(password))


def is_right(password: str, kept: str) -> bool:
    """Tell whether a password is the one whose hash was kept."""
    try:
        return _hasher.verify(kept, _bytes(password))
    except VerificationError:
        return False


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with other costs than today's."""
    return _hasher.check_needs_rehash(kept)


def _bytes(password: str) -> bytes:
    """Give a password's bytes, the same whichever way a keyboard composes its letters."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
