"""The nearest search that finds something, for one that finds nothing; and what was changed to get there.

A word is mended only where the index does not know it, or does not know it beside the others; how it is then written is
read from the best article found, so that no list of words is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from archive.models import Change, Hit, QueryError, SearchRequest, Suggestion
from archive.search.parse import Clause, Question
from archive.search.snippet import Reading
from archive.terms import tokens
from archive.text import fold, has_marks

_LETTERS = "abcdeghiklmnopqrstuvxy"  # of a folded Vietnamese syllable
_LEAST = 3  # letters of a word that is taken for a typo
_MOST_UNKNOWN = 3  # words of one query that are mended
_MOST_MENDED = 6  # ways to mend them
_MOST_ATTEMPTS = 12  # searches

Frequency = Callable[[str], int]  # in how many articles a term stands
Best = Callable[[SearchRequest], Hit | None]  # the first hit of a search; None where there is none


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A search to try instead, with what it changes."""

    request: SearchRequest
    changes: tuple[Change, ...]


def suggest(request: SearchRequest, question: Question, frequency: Frequency, best: Best) -> Suggestion | None:
    """Return the nearest search that finds something; None where none does.

    Of several ways to mend a typo it is the one whose best article fits best, of all else the first that finds any.
    """
    mended = list(islice(_mended(request, question, frequency), _MOST_MENDED))
    found = [(attempt, hit) for attempt in mended if (hit := _try(attempt, best)) is not None]
    if found:
        return _as_written(*max(found, key=lambda pair: pair[1].score))
    for attempt in islice(_attempts(request, question, mended), _MOST_ATTEMPTS):
        hit = _try(attempt, best)
        if hit is not None:
            return _as_written(attempt, hit)
    return None


def _try(attempt: _Attempt, best: Best) -> Hit | None:
    try:
        return best(replace(attempt.request, page=1))
    except QueryError:  # a text that the change made too long
        return None


def _attempts(request: SearchRequest, question: Question, mended: Sequence[_Attempt]) -> Iterator[_Attempt]:
    yield from _unmarked(request, question)
    yield from _renumbered(request, question)
    if '"' in request.text:
        yield _Attempt(
            replace(request, text=request.text.replace('"', " ").strip()), (Change("unquoted", request.text),)
        )
    yield from _lifted(request)
    for one in mended[:1]:
        yield from (_Attempt(other.request, one.changes + other.changes) for other in _lifted(one.request))


def _words(question: Question) -> list[Clause]:
    return [clause for clause in question.clauses if clause.asked.kind == "word" and not clause.asked.excluded]


# --- typos --------------------------------------------------------------------------------------------------------


def _mended(request: SearchRequest, question: Question, frequency: Frequency) -> Iterator[_Attempt]:
    """Yield the search with each word that the index does not know as a known one near it, without marks."""
    typed = [clause.asked.typed for clause in _words(question) if not _is_known(clause.asked.typed, frequency)]
    near = {word: _nearest(fold(word), frequency) for word in typed[:_MOST_UNKNOWN]}
    unknown = [word for word, known in near.items() if known]
    for chosen in product(*(near[word] for word in unknown)) if unknown else ():
        text, changes = request.text, []
        for word, new in zip(unknown, chosen, strict=True):
            text = _replaced(text, word, new)
            changes.append(Change("restored" if new == fold(word) else "repaired", word, new))
        yield _Attempt(replace(request, text=text), tuple(changes))


def _is_known(typed: str, frequency: Frequency) -> bool:
    """Say whether the index holds the word as it was typed; what is no single word of letters is let be."""
    found = tokens(typed)
    if len(found) != 1 or not typed.isalpha():
        return True
    return frequency(found[0].terms[0] if has_marks(typed) else found[0].terms[1]) > 0


def _nearest(word: str, frequency: Frequency) -> list[str]:
    """Return the word itself where it is known without marks, else known words one letter away, the commonest first."""
    if frequency("~" + word):
        return [word]
    if len(word) < _LEAST:
        return []
    known = {near: count for near in _one_letter_away(word) if (count := frequency("~" + near))}
    return sorted(known, key=known.__getitem__, reverse=True)


def _one_letter_away(word: str) -> Iterator[str]:
    """Yield each word made by leaving out, exchanging, replacing or adding a letter."""
    made: set[str] = set()
    for n in range(len(word) + 1):
        before, behind = word[:n], word[n:]
        made.add(before + behind[1:])
        made.add(before + behind[1:2] + behind[:1] + behind[2:])
        made.update(before + letter + behind[1:] for letter in _LETTERS)
        made.update(before + letter + behind for letter in _LETTERS)
    yield from sorted(made - {word, ""})


# --- marks, numbers, filters, words -----------------------------------------------------------------------------------


def _unmarked(request: SearchRequest, question: Question) -> Iterator[_Attempt]:
    """Yield the search with one word without its marks, then with none."""
    typed = [clause.asked.typed for clause in _words(question) if has_marks(clause.asked.typed)]
    for some in ([word] for word in typed) if len(typed) > 1 else ():
        yield _without_marks(request, some)
    if typed:
        yield _without_marks(request, typed)


def _without_marks(request: SearchRequest, words: Iterable[str]) -> _Attempt:
    text, changes = request.text, []
    for word in words:
        text = _replaced(text, word, fold(word))
        changes.append(Change("restored", word, fold(word)))
    return _Attempt(replace(request, text=text), tuple(changes))


def _renumbered(request: SearchRequest, question: Question) -> Iterator[_Attempt]:
    """Yield the search for a document number with its kind alone, then with nothing but the number."""
    for clause in question.clauses:
        typed = clause.asked.typed
        found = tokens(typed)
        if clause.asked.kind == "document" and found and found[0].kind == "document":
            number, _, rest = typed.partition("/")
            for new in (f"số:{number}/{rest.partition('-')[0]}", f"số:{number}"):
                text = request.text.replace(typed, new).replace("số:số:", "số:")
                yield _Attempt(replace(request, text=text), (Change("renumbered", typed, new),))


def _lifted(request: SearchRequest) -> Iterator[_Attempt]:
    """Yield the search without one of its filters, then without any, then in all articles."""
    chosen = [name for name, values in request.filters.items() if values]
    for name in chosen:
        rest = {other: values for other, values in request.filters.items() if other != name}
        yield _Attempt(replace(request, filters=rest), (Change("lifted", name),))
    bare = replace(request, filters={}, published_from=None, published_to=None)
    changes = tuple(Change("lifted", name) for name in chosen)
    if request.published_from or request.published_to:
        yield _Attempt(replace(request, published_from=None, published_to=None), (Change("lifted", "published"),))
        changes = (*changes, Change("lifted", "published"))
    if len(changes) > 1:
        yield _Attempt(bare, changes)
    if not request.all:
        yield _Attempt(replace(request, all=True), (Change("lifted", "scope"),))


def _replaced(text: str, word: str, new: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", new, text, count=1)


# --- as the article writes it -------------------------------------------------------------------------------------


def _as_written(attempt: _Attempt, hit: Hit) -> Suggestion:
    """Return the suggestion with each mended word as the best hit writes it."""
    article = hit.entry.article
    readings = (Reading(article.title, "title"), Reading("\n".join((article.summary, *article.body)), "text"))
    text, changes = attempt.request.text, []
    for change in attempt.changes:
        if change.what in ("restored", "repaired"):
            written = _written(change.new, text.split(), readings)
            text = _replaced(text, change.new, written)
            changes.append(replace(change, new=written))
        else:
            changes.append(change)
    return Suggestion(text, tuple(changes))


def _written(word: str, typed: list[str], readings: Iterable[Reading]) -> str:
    """Return how the readings write a word: beside the same neighbours if they can, else wherever it stands."""
    at = typed.index(word) if word in typed else 0
    asked = (" ".join(typed[at : at + 2]), " ".join(typed[max(0, at - 1) : at + 1]), word)
    for phrase in asked:
        for reading in readings:
            for shown in reading.passages(f'"{phrase}"'):
                found = [match for match in shown.split() if fold(match.strip('.,;:()“”"')) == word]
                if found:
                    return found[0].strip('.,;:()“”"')
    return word
