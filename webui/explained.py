"""How a query was understood and why a hit answers it, in as few parts as a reader needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any, NamedTuple

from archive.models import Asked, Hit, How, Match, SearchRequest, Suggestion
from archive.text import fold_text
from webui.query_string import params


class Reason(NamedTuple):
    """Words of a query that stand in the same fields of a hit, written in the same way."""

    typed: str
    how: How
    fields: tuple[str, ...]


def explained(asked: Iterable[Asked]) -> tuple[tuple[Asked, ...], ...]:
    """Return what was asked for by branches (OR), with neighbouring words that are understood alike as one."""
    branches = groupby(asked, key=lambda one: one.branch)
    return tuple(tuple(_joined(branch)) for _, branch in branches)


def _joined(branch: Iterable[Asked]) -> Iterator[Asked]:
    for first, group in groupby(branch, key=lambda one: replace(one, typed="") if one.kind == "word" else one):
        yield replace(first, typed=" ".join(one.typed for one in group))


def reasons(why: Iterable[Match]) -> tuple[Reason, ...]:
    """Return why a hit was found, words that follow each other and are found alike as one."""
    alike = groupby(_by_word(why), key=lambda reason: (reason.how, reason.fields))
    return tuple(Reason(" ".join(one.typed for one in group), how, fields) for (how, fields), group in alike)


def _by_word(why: Iterable[Match]) -> Iterator[Reason]:
    for typed, group in groupby(why, key=lambda match: match.typed):
        matches = tuple(group)
        yield Reason(typed, matches[0].how, tuple(dict.fromkeys(match.field for match in matches)))


def is_written_out(one: Asked) -> bool:
    """Say whether the full form was typed, with or without marks, and not its abbreviation."""
    return fold_text(one.typed) == fold_text(one.meaning)


def left_out(hits: Iterable[Hit]) -> tuple[str, ...]:
    """Return the typed words that none of the hits holds, in the order typed."""
    missing = [hit.missing for hit in hits]
    return tuple(word for word in (missing[0] if missing else ()) if all(word in others for others in missing))


def suggested(asked: SearchRequest, suggestion: Suggestion) -> dict[str, Any]:
    """Return the URL parameters of the search that is suggested instead."""
    lifted = suggestion.lifted
    filters = {facet: values for facet, values in asked.filters.items() if facet not in lifted}
    days = {} if "published" not in lifted else {"published_from": None, "published_to": None}
    return params(asked, text=suggestion.text, filters=filters, all=asked.all or "scope" in lifted, **days)
