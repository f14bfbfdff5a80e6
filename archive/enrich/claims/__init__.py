"""Claims: the figures of a text that were promised or reported, each cut literally from it. Pure functions.

The line: figures (numbers with units) -> apart (what is no claim) -> shares (attributes of another number) ->
indicators -> kinds -> periods -> directions -> the claim with its quote. What the rules know stands in
indicators.toml, claims/units.toml and claims/cues.toml; the grammar is that of vietnamese.md sections 3.3 to 3.6.
"""

from __future__ import annotations

from archive.enrich.claims.reading import find_claims
from archive.enrich.claims.sites import Sites

__all__ = ["Sites", "find_claims"]
