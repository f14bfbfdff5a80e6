"""Names that follow from what is named, so that they are the same on every machine."""

from __future__ import annotations

import base64
import hashlib


def digest(data: bytes | str) -> str:
    """Return the SHA-256 of the bytes (of UTF-8 for a string) as 64 hexadecimal digits."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def short_id(*parts: str) -> str:
    """Return 12 base32 characters that name the parts; equal parts give equal ids on every machine."""
    return base64.b32encode(hashlib.sha256(":".join(parts).encode()).digest()).decode()[:12]
