"""The place a figure is about: the one its clause names with its kind, else the one the text is about."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from archive.enrich.claims.figures import Figure
from archive.enrich.claims.sentences import Sentence
from archive.enrich.claims.words import holds, load, phrases
from archive.enrich.mentions import Mention, Named
from archive.enrich.prose import Prose
from archive.models import Place
from archive.pledges import PART


class Sites:
    """The places of a text, and the one it is about."""

    def __init__(self, prose: Prose, named: Named, subjects: Sequence[Place]) -> None:
        self._prose = prose
        self._districts = [one for one in named.units if one.type is not None and len(one.districts) == 1]
        self._communes = named.communes
        self._subject = subjects[0] if len(subjects) == 1 else None

    def place_of(self, figure: Figure, sentence: Sentence) -> str | None:
        """Return the id of the district a figure is about, with the commune where it is of a part alone.

        None for a figure of a province or the country, and where the text has several subjects and the clause names
        none of them.
        """
        start, end = sentence.clause_of(figure.number)
        if holds(self._prose.keys, start, end, _wider()):
            return None
        named = [one for one in self._districts if start <= one.start < end]
        district = min(named, key=lambda one: abs(one.start - figure.number)).districts[0].id if named else None
        if district is not None and (self._subject is None or district != self._subject.id):
            return district
        if self._subject is None:
            return None
        commune = self._commune(figure, sentence) or self._subject.commune
        whole = self._subject.commune == self._subject.name
        return f"{self._subject.id}{PART}{commune}" if commune and not whole else self._subject.id

    def _commune(self, figure: Figure, sentence: Sentence) -> str | None:
        start, end = sentence.part_of(figure.number)
        names = {one.commune for one in _within(self._communes, start, end)}
        return names.pop() if len(names) == 1 else None


def _within(mentions: Sequence[Mention], start: int, end: int) -> list[Mention]:
    return [one for one in mentions if start <= one.start < end]


@lru_cache(maxsize=1)
def _wider() -> frozenset[tuple[str, ...]]:
    return phrases(load("cues.toml")["sites"]["wider"])
