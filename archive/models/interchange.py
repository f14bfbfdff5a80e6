"""What goes in and out as JSON: its type, and the number of the schema in which the archive writes it."""

from __future__ import annotations

from typing import Any

SCHEMA = 1
Json = dict[str, Any]
