"""What leaves the archive in bulk or out of context: without the numbers of persons, and without the text of articles
about people who did not choose to be found. Pure.

One article opened by itself (its page, `ansinh show`) is shown whole. Snippets, lists, feeds, the API and exports are
masked: numbers of identity cards, telephones and accounts of persons in every article; where an article is flagged as
naming minors, victims, people in rehabilitation or lists of persons, its words but the title, so that only the page
itself tells them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from archive.decisions import MARK, RULE
from archive.models import Article, Enrichment, Entry, Evidence

GUARDED = frozenset(("minor", "victim", "rehab", "list-of-persons"))

# CMND has 9 digits, CCCD 12 (Nghị định 137/2015/NĐ-CP, Luật Căn cước 26/2023/QH15); nine bare digits may also be money.
_CARD = re.compile(
    r"(?<![\d.,/-])(?:\d{12}|\d{9})(?![\d/]|[.,-]\d)(?!\s?(?:đồng|đ\b|VN[ĐD]|USD|triệu|tỷ|m2|m²|ha\b|kg\b))",
    re.IGNORECASE,
)
# Written in groups only after the name of the card: a row of a table is groups of digits as well.
_NAMED_CARD = re.compile(
    r"(?:CMND|CMTND|CMT|CCCD|căn cước|chứng minh|định danh)[^\d\n]{0,30}(\d[\d .-]{7,17}\d)(?!\d)", re.IGNORECASE
)
# 0912345678, 0912.345.678, (0229) 3868 123, +84 912 345 678: a first group that begins with 0 is no number of a table.
_TELEPHONE = re.compile(
    r"(?<![\d.,/])(?:\+84[ .-]?|\(?0)\d{2,3}\)?[ .-]?\d{2,4}[ .-]?\d{2,4}(?:[ .-]?\d{2,4})?(?![\d/])"
)
_DIGIT = re.compile(r"\d")
NUMBER = "sensitive.number"  # the rule (archive.enrich.sensitive) whose quotes are numbers of persons
_WORDS = ("summary", "author", "source")  # fields of a page whose correction is told as little as they are


def mask_numbers(text: str) -> str:
    """Return the text, of equal length, with the digits of identity cards and telephones as marks."""
    text = _CARD.sub(_masked, text)
    text = _NAMED_CARD.sub(_masked_card, text)
    return _TELEPHONE.sub(_masked_telephone, text)


def _masked(match: re.Match[str]) -> str:
    return _DIGIT.sub(MARK, match.group())


def _masked_card(match: re.Match[str]) -> str:
    return _masked(match) if _digits(match[1]) in (9, 12) else match.group()


def _masked_telephone(match: re.Match[str]) -> str:
    lengths = (11, 12) if match.group().startswith("+84") else (10, 11)
    return _masked(match) if _digits(match.group()) in lengths else match.group()


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def is_guarded(enrichment: Enrichment) -> bool:
    """Say whether an article's words are told only on its own page."""
    return not GUARDED.isdisjoint(enrichment.sensitive)


def mask(entry: Entry) -> Entry:
    """Return the entry as it leaves the archive in bulk; offsets and identity stay.

    The body of a guarded article is the path of its page; claims, which cannot be without their quotes, are left out.
    """
    if is_guarded(entry.enrichment):
        return _guard(entry)
    article = _mask_article(entry.article, _numbers(entry.enrichment))
    if article == entry.article:
        return entry
    return replace(entry, article=article, enrichment=_quote_again(entry.enrichment, article.text))


def _numbers(enrichment: Enrichment) -> tuple[str, ...]:
    """Return the numbers of persons, as printed, that the rules found by the words around them: bank accounts, cards."""
    return tuple(known.quote for known in enrichment.evidence if known.rule == NUMBER)


def _mask_article(article: Article, numbers: Sequence[str]) -> Article:
    return replace(
        article,
        title=_mask_text(article.title, numbers),
        summary=_mask_text(article.summary, numbers),
        body=tuple(_mask_text(part, numbers) for part in article.body),
        author=_mask_text(article.author, numbers),
        source=_mask_text(article.source, numbers),
    )


def _mask_text(text: str, numbers: Sequence[str]) -> str:
    """Return the text, of equal length, without the digits of these numbers nor those that show themselves."""
    for number in numbers:
        text = text.replace(number, _DIGIT.sub(MARK, number))
    return mask_numbers(text)


def _quote_again(enrichment: Enrichment, text: str) -> Enrichment:
    """Return the facts with their quotes cut from the masked text."""
    return replace(
        enrichment,
        claims=tuple(replace(claim, quote=text[claim.start : claim.end]) for claim in enrichment.claims),
        evidence=tuple(_evidence_again(evidence, text) for evidence in enrichment.evidence),
    )


def _evidence_again(evidence: Evidence, text: str) -> Evidence:
    if evidence.rule == RULE:
        return replace(evidence, value=mask_numbers(evidence.value))
    if evidence.start is None:
        return replace(evidence, quote=mask_numbers(evidence.quote))
    return replace(evidence, quote=text[evidence.start : evidence.end])


def _guard(entry: Entry) -> Entry:
    title = mask_numbers(entry.article.title)
    article = replace(
        entry.article, title=title, summary="", body=(f"/articles/{entry.id}",), kinds=("p",), author="", source=""
    )
    return replace(entry, article=article, enrichment=_without_words(entry.enrichment))


def _without_words(enrichment: Enrichment) -> Enrichment:
    evidence = tuple(
        replace(
            known,
            value="" if known.field in _WORDS else known.value,
            quote=known.quote if known.field == "status" else "",  # the one that is no quotation of the text
            start=None,
            end=None,
        )
        for known in enrichment.evidence
    )
    return replace(enrichment, claims=(), evidence=evidence)
