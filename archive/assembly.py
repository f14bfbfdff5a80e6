"""From captures to articles: each is made anew from all its open captures, hints and checks, and what people decided.

So neither the order of reading nor the day of a decision can matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from archive.decisions import Correction, Decisions, Nouns, correct_article, correct_facts, fits
from archive.enrich import enrich
from archive.enrich.documents import lone_document
from archive.enrich.places import place_on
from archive.models import Article, Check, Portal, Sighting, Version
from archive.sightings import assemble, status_of, versions_of
from archive.store import Store

_NOUNS = Nouns(place_on, lone_document)


class Assembled(NamedTuple):
    """An article as it now stands, and what that is to the one held before."""

    kind: Literal["new", "changed", "unchanged"]
    article: Article


class Assembler:
    """Makes articles of one store; belongs inside its transactions."""

    def __init__(self, store: Store, decisions: Decisions) -> None:
        """Use decisions that the store shows already (`deciding.apply_decisions`)."""
        self._store, self._decisions = store, decisions

    def assemble(self, article_id: str, portal: Portal) -> Assembled | None:
        """Make an article anew and store it; None when nothing shows it, or everything that does is closed."""
        shown = self._store.sightings(article_id)
        if not shown:
            self._store.bury(article_id, portal.name)
            return None
        versions = versions_of(shown)
        sightings = self._own(shown, versions, portal)
        if len(sightings) < len(shown):
            versions = versions_of(sightings)
        known = self._store.version_count(article_id)
        corrections = self._corrections(article_id, sightings, versions)
        article, changed = self._save(sightings, versions, portal, corrections)
        if known == 0:
            return Assembled("new", article)
        return Assembled("changed" if changed and len(versions) > known else "unchanged", article)

    def _own(self, sightings: Sequence[Sighting], versions: Sequence[Version], portal: Portal) -> Sequence[Sighting]:
        """Return the captures that showed a text of the article's own; all, when none did.

        What a portal answers at many addresses is no version of an article that once showed another text: each time it was
        looked for then, it was not seen (reliability.md section 3).
        """
        texts = {version.sha256 for version in versions}
        repeats = {text for text in texts if len(texts) > 1 and self._store.repeats.is_repeat(portal.name, text)}
        if not repeats or repeats == texts:
            return sightings
        for one in sightings:
            if one.article.sha256 in repeats:
                missed = Check(one.capture.fetched_at, "soft-404", "answered with a text that stands at many addresses")
                self._store.save_check(one.article.id, missed)
        return [one for one in sightings if one.article.sha256 not in repeats]

    def again(self, article_id: str, portals: Mapping[str, Portal]) -> bool:
        """Make an article anew; return whether that changed anything."""
        before = self._store.seq()
        portal = self._store.portal_of(article_id)
        if portal is not None:
            self.assemble(article_id, portals[portal])
        return self._store.seq() != before

    def _corrections(
        self, article_id: str, sightings: Sequence[Sighting], versions: Sequence[Version]
    ) -> tuple[tuple[int, Correction], ...]:
        if article_id not in self._decisions.corrected:
            return ()
        said = self._store.access.said_sha256(sightings[-1].capture.id)
        return self._decisions.corrections_of(article_id, {versions[-1].sha256, said})

    def _save(
        self,
        sightings: Sequence[Sighting],
        versions: Sequence[Version],
        portal: Portal,
        numbered: Sequence[tuple[int, Correction]],
    ) -> tuple[Article, bool]:
        """Return the article, and whether storing it changed anything."""
        article_id = sightings[-1].article.id
        article = assemble(sightings, self._store.hints(article_id))
        article = replace(article, attachments=self._store.with_captures(article.attachments))
        article = correct_article(article, [one for _, one in numbered])
        facts = enrich(article, portal)
        carried = [(n, one) for n, one in numbered if fits(one, facts)]
        facts = correct_facts(facts, [one for _, one in carried], article, _NOUNS)
        status, known_by = status_of(sightings, self._store.checks(article_id))
        facts = replace(facts, evidence=(*facts.evidence, known_by))
        changed = self._store.save_entry(article, facts, versions, sightings[0].capture.fetched_at, status)
        self._store.access.save_corrections(article_id, carried)
        return article, changed
