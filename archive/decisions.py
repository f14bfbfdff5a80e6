"""What people decided about articles, corrections of facts and takedowns, and what follows from it. Pure.

A *correction* replaces one field of an article for as long as the article's text is the one it was made for; then it is
*stale*: listed, not applied, not dropped. A *takedown* closes an article, a capture, whatever was captured below a URL,
or one span of an article's text, which then reads "█". The evidence stays; only access to it ends.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple

from archive.models import Article, Claim, Document, Enrichment, Evidence, NotFound, Page, Place, digest
from archive.pledges import Decided
from archive.text import clean, decode

MARK = "█"
RULE = "correction"  # of the evidence that a corrected field carries
PAGE_FIELDS = ("title", "summary", "section", "author", "source", "language", "published", "updated")
FACT_FIELDS = ("places", "years", "topics", "documents", "claims", "sensitive")
DAY_FIELDS = ("published", "updated")
CLAIM = "claims/"  # before a claim's id: the field of a correction of that claim alone
CONFIRM, REJECT = "confirm", "reject"  # values of such a field, beside lists of "name=value"
CLAIM_NUMBERS = ("value", "value_max", "out_of", "plan_share", "yoy")
CLAIM_TEXTS = ("unit", "period", "assigner", "sub_population", "indicator", "place")
CLAIM_WORDS = {
    "kind": ("target", "result"),
    "comparator": ("=", ">=", "<=", "~"),
    "direction": ("down", "up", "level", "total"),
}
CLAIM_FIELDS = ("year", *CLAIM_NUMBERS, *CLAIM_TEXTS, *CLAIM_WORDS)

_SCHEMES = ("http://", "https://")

Value = str | tuple[str, ...]


class Tombstone(NamedTuple):
    """What readers are told about something closed: why, and the day it was decided (YYYY-MM-DD)."""

    reason: str
    date: str


class TakenDown(NotFound):
    """An article or capture that a takedown closed; `tombstone` says why."""

    def __init__(self, what: Literal["article", "capture"], name: str, tombstone: Tombstone) -> None:
        """`name` is the id that was asked for."""
        super().__init__(f"{what} {name} was taken down on {tombstone.date}: {tombstone.reason}")
        self.what, self.tombstone = what, tombstone


@dataclass(frozen=True, slots=True)
class Correction:
    """One field of one article as a person corrected it; `version` is the SHA-256 of the text it was made for.

    `value` is a string (dates as ISO 8601, empty for none), or the strings of a list (years as digits). The field
    "claims/ID" is one claim: its value is "confirm", "reject" or what is to be changed, as "name=value" each.
    """

    article: str
    version: str
    field: str
    value: Value
    reason: str
    date: str
    by: str = ""

    @property
    def claim(self) -> str | None:
        """The id of the one claim that is corrected; None for any other field."""
        return self.field.removeprefix(CLAIM) if self.field.startswith(CLAIM) else None


@dataclass(frozen=True, slots=True)
class Takedown:
    """What is closed: an article, a span of its text, a capture, or everything captured below a URL prefix."""

    reason: str
    date: str
    by: str = ""
    article: str | None = None
    span: str | None = None
    capture: str | None = None
    url_prefix: str | None = None

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The URL prefix as http and as https: a portal answers at both. Nothing where no prefix is closed."""
        prefix = self.url_prefix
        if prefix is None:
            return ()
        scheme = next((scheme for scheme in _SCHEMES if prefix.startswith(scheme)), None)
        return tuple(other + prefix.removeprefix(scheme) for other in _SCHEMES) if scheme else (prefix,)


@dataclass(frozen=True)
class Decisions:
    """All that people decided, in the order of the files; `digest` changes with any of it."""

    corrections: tuple[Correction, ...] = ()
    takedowns: tuple[Takedown, ...] = ()

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all decisions; empty when there are none."""
        return digest(repr((self.corrections, self.takedowns))) if self.corrections or self.takedowns else ""

    def corrections_of(self, article: str, texts: Collection[str]) -> tuple[tuple[int, Correction], ...]:
        """Return the corrections of an article whose text has one of the digests, with their numbers in the file.

        The last one of a field holds; what a takedown blanks is blank in them, too.
        """
        fitting = [(n, one) for n, one in self._corrections.get(article, ()) if one.version in texts]
        last = {one.field: (n, one) for n, one in fitting}
        spans = self.spans_of(article)
        return tuple((n, _blanked(one, spans)) for n, one in sorted(last.values(), key=lambda numbered: numbered[0]))

    def spans_of(self, article: str) -> tuple[str, ...]:
        """Return what is blanked in an article."""
        return self._spans.get(article, ())

    @property
    def corrected(self) -> Collection[str]:
        """The ids of articles that have a correction, stale or not."""
        return self._corrections.keys()

    @cached_property
    def _corrections(self) -> Mapping[str, list[tuple[int, Correction]]]:
        by_article: dict[str, list[tuple[int, Correction]]] = {}
        for n, one in enumerate(self.corrections, start=1):
            by_article.setdefault(one.article, []).append((n, one))
        return by_article

    @cached_property
    def _spans(self) -> Mapping[str, tuple[str, ...]]:
        by_article: dict[str, tuple[str, ...]] = {}
        for one in self.takedowns:
            if one.article and one.span:
                by_article[one.article] = (*by_article.get(one.article, ()), one.span)
        return by_article


class Nouns(NamedTuple):
    """How a corrected value becomes a fact: a place id with the article's day, a document number with its id."""

    place: Callable[[str, str | None], Place | None]
    document: Callable[[str, str], Document]


# --- applying ------------------------------------------------------------------------------------------------


def correct_article(article: Article, corrections: Iterable[Correction]) -> Article:
    """Return the article with what its page says corrected; before the rules read it, so that quotes stay literal."""
    changes: dict[str, Any] = {
        one.field: one.value or (None if one.field in DAY_FIELDS else "")
        for one in corrections
        if one.field in PAGE_FIELDS
    }
    if "published" in changes:
        changes["published_source"] = None
    return replace(article, **changes)


def correct_facts(facts: Enrichment, corrections: Iterable[Correction], article: Article, nouns: Nouns) -> Enrichment:
    """Return what rules inferred from the article with people's corrections, each shown as evidence."""
    for one in corrections:
        if one.claim is not None:
            facts = replace(facts, claims=tuple(_decide_claims(facts.claims, one)))
        elif one.field in FACT_FIELDS:
            facts = replace(facts, **_fact(facts, one, article, nouns))
        facts = replace(facts, evidence=tuple(_evidence(facts.evidence, one)))
    return facts


def _fact(facts: Enrichment, one: Correction, article: Article, nouns: Nouns) -> dict[str, Any]:
    """Return the fields of the enrichment that a correction replaces."""
    values = tuple(one.value)
    match one.field:
        case "places":
            places = (nouns.place(value, article.published) for value in values)
            return {"places": tuple(place for place in places if place is not None), "place_candidates": ()}
        case "years":
            return {"years": tuple(map(int, values))}
        case "documents":
            read = {document.number: document for document in facts.documents}
            return {"documents": tuple(read.get(value) or nouns.document(value, article.id) for value in values)}
        case "claims":
            return {"claims": tuple(claim for claim in facts.claims if claim.id in values)}
    return {one.field: values}


def fits(one: Correction, facts: Enrichment) -> bool:
    """Say whether what a correction is of is there: rules may read a claim no more, though the text is the same."""
    return one.claim is None or any(claim.id == one.claim for claim in facts.claims)


def decided_claims(facts: Enrichment) -> dict[str, Decided]:
    """Return by id the claims that a person confirmed or corrected, as the evidence of a corrected article tells it."""
    decided: dict[str, Decided] = {}
    for known in facts.evidence:
        if known.rule == RULE and known.field == "claims":
            decided[known.value] = "confirmed"
        elif known.rule == RULE and known.field.startswith(CLAIM):
            decided[known.field.removeprefix(CLAIM)] = "confirmed" if known.value == CONFIRM else "corrected"
    return decided


def _decide_claims(claims: Iterable[Claim], one: Correction) -> Iterator[Claim]:
    """Yield the claims as a decision on one of them leaves them; what a person has read is certain."""
    for claim in claims:
        if claim.id != one.claim:
            yield claim
        elif one.value != REJECT:
            pairs = () if isinstance(one.value, str) else one.value
            yield replace(claim, confidence=1.0, **dict(map(read_change, pairs)))


def read_change(written: str) -> tuple[str, Any]:
    """Return the name and the value of a claim's field from "name=value"; raise ValueError saying what is wrong.

    Numbers are written as in 1500 or 1.5; an empty value is none, where the field may have none.
    """
    name, _, value = (part.strip() for part in written.partition("="))
    if name not in CLAIM_FIELDS:
        raise ValueError(f"a claim has no {name!r} to correct; it has {', '.join(CLAIM_FIELDS)}")
    if not value and name in ("value", "unit", "indicator", *CLAIM_WORDS):
        raise ValueError(f"{name} cannot be empty")
    if name in CLAIM_WORDS and value not in CLAIM_WORDS[name]:
        raise ValueError(f"{value!r} is no {name}; write one of {', '.join(CLAIM_WORDS[name])}")
    return name, _typed(name, value) if value else None


def _typed(name: str, value: str) -> str | int | float:
    if name == "year":
        if not _YEAR.fullmatch(value):
            raise ValueError(f"{value!r} is no year; write it as in 2020")
        return int(value)
    if name not in CLAIM_NUMBERS:
        return value
    if not _NUMBER.fullmatch(value) or _THOUSANDS.fullmatch(value):
        raise ValueError(f"{value!r} is no number here; write 4000 for 4.000 and 1.5 for 1,5")
    return float(value)


_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,6})?", re.ASCII)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}\.\d{3}", re.ASCII)  # as printed here: thousands, not thousandths


def _evidence(known: Iterable[Evidence], one: Correction) -> Iterator[Evidence]:
    """Yield what is known without that of values that no longer hold, and the correction as how the others are known."""
    values = (one.value,) if isinstance(one.value, str) else one.value or ("",)
    yield from (evidence for evidence in known if evidence.field != one.field or evidence.value in values)
    for value in values:
        yield Evidence(one.field, value, RULE, "", None, None, 1.0)


def blank(text: str, spans: Iterable[str]) -> str:
    """Return the text, of equal length, with every occurrence of the spans as marks; its line breaks stay.

    Blanks within a span match any white space.
    """
    for span in spans:
        text = _pattern(span).sub(_marks, text)
    return text


def holds(text: str, span: str) -> bool:
    """Say whether the span stands in the text."""
    return _pattern(span).search(text) is not None


def _pattern(span: str) -> re.Pattern[str]:
    return re.compile(r"\s+".join(map(re.escape, span.split())))


def _marks(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", MARK, match.group())


def blank_article(article: Article, spans: Collection[str]) -> Article:
    """Return the article with the spans blanked wherever a page's own words stand, across paragraphs, too."""
    if not spans:
        return article
    text = blank(article.text, spans)
    title, summary, *body = _cut(text, (article.title, article.summary, *article.body))
    return replace(
        article,
        title=title,
        summary=summary,
        body=tuple(body),
        section=blank(article.section, spans),
        author=blank(article.author, spans),
        source=blank(article.source, spans),
        attachments=tuple(replace(file, name=blank(file.name, spans)) for file in article.attachments),
    )


def _cut(text: str, parts: Iterable[str]) -> Iterator[str]:
    """Yield the pieces of a joined text that stand where its parts stood."""
    at = 0
    for part in parts:
        yield text[at : at + len(part)]
        at += len(part) + 2 if part else 0


def _blanked(one: Correction, spans: Collection[str]) -> Correction:
    value: Value = one.value
    if isinstance(value, str):
        value = blank(value, spans)
    elif one.claim is not None:
        value = tuple(blank(change, spans) for change in value)
    return replace(one, value=value, reason=blank(one.reason, spans))


# --- captured bytes ------------------------------------------------------------------------------------------

_BINARY = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"RIFF")
_TAG = re.compile(r"<[^<>]*>")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_SPACE = re.compile(r"\s+")


def first_shown(page: Page, words: Iterable[str], said: str = "") -> str | None:
    """Return the first of the words that captured bytes show as text, None when they show none.

    Looked for without white space: in the source, and in the text between its tags, entities and JSON's \\u escapes
    undone. What is no text (PDF, office files, images) is not looked into, but what was read in it, `said`, is.
    """
    wanted = [(word, _SPACE.sub("", clean(word))) for word in words]
    if not wanted:
        return None
    shown = [_SPACE.sub("", clean(text)) for text in (*_texts(page), said)]
    return next((word for word, packed in wanted if any(packed in text for text in shown)), None)


def _texts(page: Page) -> tuple[str, ...]:
    """Return the source of a page and the text between its tags; nothing for what is no text."""
    if page.body.startswith(_BINARY):
        return ()
    source = _ESCAPED.sub(_character, decode(page.body, page.headers.get("content-type", "")))
    source = html.unescape(html.unescape(source))
    return source, _TAG.sub("", source)


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))
