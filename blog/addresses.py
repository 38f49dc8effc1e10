"""Give posts their slugs and addresses, and keep the old ones leading there."""

from __future__ import annotations

SLUG_LENGTH = 200
