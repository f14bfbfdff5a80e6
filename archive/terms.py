"""The terms of a text: what an index holds and what a query asks for, made by one analysis.

A position of a text holds several terms. A syllable has its *key* (`archive.text.tone_key`) and its *fold* with a leading
"~"; a number its digits (4.000 and 4000 are "4000"; 1,5 % is "1.5%" and "1.5"); a document number its canonical form
and what people type of it ("6/kh-ubnd", "6/kh", "so:6"). *Concepts* lie over several positions and stand at the first:
an abbreviation and its full form ("#ubnd"), a day ("d:2020-01-31").
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from archive.abbreviations import (
    FILE,
    JOINING,
    NAME,
    NUMBER,
    WORD,
    Abbreviation,
    Branch,
    Syllable,
    load_abbreviations,
    syllable,
)
from archive.text import document_number, fold, tone_key

# Differs whenever the same text may give other terms, by the rules (the number grows) or by the table of abbreviations:
# an index made with another one is made again.
ANALYSIS = f"4-{hashlib.sha256(FILE.read_bytes()).hexdigest()[:12]}"
END_OF_FILE = "§"  # the one term that stands behind each file of an article; no query asks for it
UNMARKED_SHARE = 0.02  # a text with fewer marked letters was typed without diacritics (vietnamese.md 1.3)

Kind = Literal["word", "number", "document", "abbreviation"]
Positions = tuple[tuple[str, ...], ...]


class Token(NamedTuple):
    """One position of a text: the terms that stand there, the literal one first; its offsets; what it is.

    `concepts` are those of its terms that may cover several tokens, each with their number.
    """

    terms: tuple[str, ...]
    start: int
    end: int
    kind: Kind = "word"
    concepts: tuple[tuple[str, int], ...] = ()


def tokens(text: str) -> list[Token]:
    """Return the tokens of the text in order; offsets are code points into the text as given, NFC or not."""
    read = list(_read(text))
    found = [token for token, _ in read]
    syllables = [_syllables(n, read, text) for n in range(len(read))]
    over: dict[int, dict[str, int]] = {}
    for first, width, term in (*_concepts(found, syllables), *_own_concepts(read), *_days(found)):
        over.setdefault(first, {}).setdefault(term, width)
    numbered = {n: (f"so:{found[n].terms[-1]}",) for n in _numbered(found)}
    return [
        _with(token, numbered.get(n, ()), tuple(over.get(n, {}).items())) if n in over or n in numbered else token
        for n, token in enumerate(found)
    ]


def _with(token: Token, terms: tuple[str, ...], concepts: tuple[tuple[str, int], ...]) -> Token:
    more = (*terms, *(concept for concept, _ in concepts))
    return token._replace(terms=(*token.terms, *more), concepts=concepts)


def document_terms(title: str, text: str) -> tuple[Positions, Positions]:
    """Return the terms by position of a document's title and text, with "?fold" where it was typed without marks."""
    fields = tuple(tuple(token.terms for token in tokens(field)) for field in (title, text))
    if is_unmarked(title + text):
        fields = tuple(tuple(map(_unmarked, field)) for field in fields)
    return fields[0], fields[1]


def file_terms(texts: Iterable[str]) -> Positions:
    """Return the terms by position of an article's files one after the other, each ended by END_OF_FILE.

    Each file is judged by itself whether it was typed without marks; no phrase runs over its end.
    """
    return tuple(terms for text in texts for terms in (*_of_file(text), (END_OF_FILE,)))


def _of_file(text: str) -> Iterator[tuple[str, ...]]:
    found = (token.terms for token in tokens(text))
    return map(_unmarked, found) if is_unmarked(text) else found


def is_unmarked(text: str) -> bool:
    """Say whether a text was typed without diacritics."""
    if text.isascii():
        return True
    letters = sum(map(str.isalpha, text))
    return letters - sum(character.isalpha() and character.isascii() for character in text) < letters * UNMARKED_SHARE


def _unmarked(terms: tuple[str, ...]) -> tuple[str, ...]:
    return (*terms, *("?" + term[1:] for term in terms if term[0] == "~"))


# --- words, numbers, document numbers, one by one ---------------------------------------------------------------

_MARK = "\u0300-\u036f"
_KINDS = "KH|QĐ|NQ|CTr|CTHĐ|CT|BC|TB|CV|TTr|TTLT|TT|HD|NĐ|KL|ĐA|PA|GM|VBHN|CĐ|BB|PL"
_ISSUERS = "UBND|HĐND|UBTVQH|UBMTTQ|MTTQ|BCĐ|TTg|TW|TƯ|TU|HU|QU|CP|BTC|[BS]?LĐ-?TB&?-?XH"
_HYPHEN = r"\s?[-–]\s?"
_PART = r"[^\W\d_][\w&]{0,14}"
# 06/KH-UBND, 61/2015/NĐ-CP, 37/2015/TTLT-BLĐTBXH-BNV, 40-CT/TW; 06 / KH - UBND; 06 kh ubnd. Typed in any case.
_DOCUMENT = (
    r"(?<![\w/])(?P<n>\d{1,5})(?:"
    rf"/(?:(?P<year>(?:19|20)\d\d)/)?(?P<letters>{_PART}(?:[-–]{_PART}){{0,4}})"
    rf"|\s?/\s?(?P<spaced>(?:{_KINDS}){_HYPHEN}{_PART}(?:-{_PART}){{0,3}})"
    rf"|{_HYPHEN}(?P<party>(?:{_KINDS})/[^\W\d_]{{2,8}})"
    rf"|\s(?P<loose>(?:{_KINDS})[ -](?:{_ISSUERS})))(?![\w{_MARK}/–-])"
)
_NUMBER = (
    r"(?<![\w.,])(?:\d{1,3}(?:\.\d{3})+(?:,\d{1,3})?|\d{1,15}(?:,\d{1,3}|\.\d{1,2})?)(?![\w]|[.,]\d)(?P<percent>\s?%)?"
)
# LĐ-TB&XH, LĐTB và XH, U.B.N.D. A capital with a tone belongs to a word: HUYỆN.
_CAPITALS = rf"[A-ZĐƯƠÂÊÔĂ]{{1,9}}(?![\w{_MARK}])"
_RUN = rf"(?<!\w){_CAPITALS}(?:(?:\s?[-–&.,/]\s?|[ ]|[ ]v(?:à|a\u0300)[ ]){_CAPITALS}){{0,4}}"  # composed or not
_SMALL_RUN = r"(?<!\w)[a-zđ]{1,8}(?:[-&][a-zđ]{1,8}){1,4}(?![\w&-])"
_TOKEN = re.compile(
    f"(?P<document>(?i:{_DOCUMENT}))|(?P<number>{_NUMBER})|(?P<run>{_RUN}|{_SMALL_RUN})"
    rf"|(?P<word>[^\W_](?:[^\W_]|[{_MARK}])*)"
)
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARK}])*")
_LETTERS = re.compile("[A-ZĐƯƠÂÊÔĂ]+|[a-zđ]+")
_AND = ("v", "va")  # what _LETTERS sees of "và", composed or not
_JOINED = re.compile("[-&]")
_DECIMAL = re.compile(r"\d+\.\d{1,2}")

_Read = tuple[Token, Abbreviation | None]


def _read(text: str) -> Iterator[_Read]:
    """Yield each token, and the abbreviation that it is whatever stands beside it."""
    position = 0
    while match := _TOKEN.search(text, position):
        read = _READERS[str(match.lastgroup)](match)
        yield read
        position = read[0].end


def _read_word(match: re.Match[str]) -> _Read:
    return _word(match.group(), match.start())


def _word(word: str, start: int) -> _Read:
    end = start + len(word)
    if word.isdecimal():
        return Token(_number_terms(word, False), start, end, "number"), None
    known = _known(word)
    return Token(_word_terms(word), start, end, "abbreviation" if known else "word"), known


@lru_cache(maxsize=1 << 14)
def _word_terms(word: str) -> tuple[str, ...]:
    return tone_key(word), "~" + fold(word)


@lru_cache(maxsize=1 << 14)
def _known(letters: str) -> Abbreviation | None:
    """Return the abbreviation of these letters: capitals as written, small ones where they could be no syllable."""
    known = load_abbreviations()
    exact = next((one for one in known.written.get(letters, ()) if not one.needs_context), None)
    return exact or (None if letters.isupper() else known.small.get(fold(letters)))


def _read_run(match: re.Match[str]) -> _Read:
    """Return the longest beginning of the run that is an abbreviation; else what hyphens join, else the first word."""
    pieces = [piece for piece in _LETTERS.finditer(match.group()) if piece.group() not in _AND]
    last, known = _longest([piece.group() for piece in pieces])
    if known is not None:
        return _joined(match, pieces[:last]), known
    tight = 1
    while tight < len(pieces) and _JOINED.fullmatch(match.group()[pieces[tight - 1].end() : pieces[tight].start()]):
        tight += 1
    if tight > 1 and match.group()[0].isupper():
        return _joined(match, pieces[:tight]), None
    word = _WORD.match(match.string, match.start())
    assert word is not None
    return _word(word.group(), match.start())


def _longest(pieces: Sequence[str]) -> tuple[int, Abbreviation | None]:
    """Return the most pieces, two at least, that together are an abbreviation, with it."""
    found: tuple[int, Abbreviation | None] = (0, None)
    letters = ""
    for count, piece in enumerate(pieces, 1):
        letters += piece
        if letters not in load_abbreviations().beginnings:
            break
        if count > 1 and (known := _known(letters)):
            found = count, known
    return found


def _joined(match: re.Match[str], pieces: Sequence[re.Match[str]]) -> Token:
    parts = [fold(piece.group()) for piece in pieces]
    terms = ("~" + "".join(parts), *("~" + part for part in parts))
    return Token(tuple(dict.fromkeys(terms)), match.start(), match.start() + pieces[-1].end(), "abbreviation")


def _read_number(match: re.Match[str]) -> _Read:
    percent = match["percent"]
    written = match.group()[: -len(percent)] if percent else match.group()
    return Token(_number_terms(written, bool(percent)), *match.span(), "number"), None


@lru_cache(maxsize=1 << 14)
def _number_terms(written: str, is_percentage: bool) -> tuple[str, ...]:
    point = "." if _DECIMAL.fullmatch(written) else ","  # 1.5 is a decimal number, 1.500 is not
    whole, _, decimals = written.partition(point)
    whole = whole.replace(".", "").lstrip("0") or "0"
    number = f"{whole}.{decimals.rstrip('0')}" if decimals.strip("0") else whole
    return (number + "%", number) if is_percentage else (number,)


def _read_document(match: re.Match[str]) -> _Read:
    number = match["n"].lstrip("0") or "0"
    letters = next(filter(None, (match["letters"], match["spaced"], match["party"], match["loose"])))
    parts = [fold(part) for part in re.split(r"[\s/–-]+", letters.replace("&", ""))]
    if match["party"]:
        canonical = document_number(f"{number}-{letters}")
    else:
        canonical = "/".join(filter(None, (number, match["year"], "-".join(parts))))
    typed = [f"{number}/{parts[0]}", f"{number}/{'-'.join(parts)}", f"so:{number}", number]
    if match["year"]:
        typed += [f"{number}/{match['year']}", match["year"]]
    terms = (canonical, *typed, *("~" + part for part in parts))
    return Token(tuple(dict.fromkeys(terms)), *match.span(), "document"), None


_READERS = {"word": _read_word, "run": _read_run, "number": _read_number, "document": _read_document}

# --- what lies over several tokens ------------------------------------------------------------------------------

_GAP = 3  # characters between the syllables of one full form: "Lao động - Thương binh"


def _syllables(n: int, read: Sequence[_Read], text: str) -> tuple[Syllable, ...]:
    """Return the syllables that the n-th token stands for: those of its meaning for an abbreviation."""
    token, known = read[n]
    if known is not None:
        return known.words
    if token.kind != "word":
        return ()
    surface = text[token.start : token.end]
    bound = load_abbreviations().written.get(surface, ())
    meant = next((one for one in bound if one.needs_context and _fits(one, n, read, text)), None)
    return meant.words if meant else _one_syllable(surface)


@lru_cache(maxsize=1 << 14)
def _one_syllable(word: str) -> tuple[Syllable, ...]:
    return (syllable(word),)


def _fits(known: Abbreviation, n: int, read: Sequence[_Read], text: str) -> bool:
    """Say whether a word that the abbreviation needs stands beside it."""
    before = [_side(token, text) for token, _ in read[max(0, n - 2) : n]]
    behind = [_side(token, text) for token, _ in read[n + 1 : n + 3]]
    return _stands(known.after, before[-1:], before) or _stands(known.before, behind[:1], behind)


def _side(token: Token, text: str) -> tuple[str, set[str]]:
    """Return a neighbour's fold, and the kinds of neighbour that it is."""
    surface = text[token.start : token.end]
    if token.kind == "number":
        return surface, {NUMBER}
    return fold(surface), {WORD, NAME} if surface.istitle() else {WORD}


def _stands(
    wanted: frozenset[tuple[str, ...]], one: Sequence[tuple[str, set[str]]], two: Sequence[tuple[str, set[str]]]
) -> bool:
    if not one:
        return False
    kinds = {(kind,) for kind in one[0][1]}
    return not wanted.isdisjoint({(one[0][0],), tuple(word for word, _ in two), *kinds})


def _own_concepts(read: Sequence[_Read]) -> Iterator[tuple[int, int, str]]:
    """Yield the concept of each abbreviation: (token, 1, term)."""
    for n, (_, known) in enumerate(read):
        if known is not None:
            yield n, 1, known.concept


def _concepts(found: Sequence[Token], syllables: Sequence[tuple[Syllable, ...]]) -> Iterator[tuple[int, int, str]]:
    """Yield (first token, number of tokens, term) of each full form that stands in the text."""
    flat = [(one, n) for n, some in enumerate(syllables) for one in some]
    root = load_abbreviations().full
    for position, (one, first) in enumerate(flat):
        if one.fold in root.next:
            for last, term in _full_forms(flat, position, root, found):
                yield first, last - first + 1, term


def _full_forms(
    flat: Sequence[tuple[Syllable, int]], position: int, branch: Branch, found: Sequence[Token]
) -> Iterator[tuple[int, str]]:
    """Yield (last token, concept) of the full forms that begin at a syllable."""
    keys: list[str] = []
    before = flat[position][1]
    for at in range(position, len(flat)):
        one, owner = flat[at]
        if found[owner].start - found[before].end > _GAP:
            return
        before = owner
        if one.fold in branch.next:
            branch = branch.next[one.fold]
            keys.append(one.key)
            yield from ((owner, term) for meant, term in branch.ends if _is_typed(keys, meant))
        elif one.fold not in JOINING:
            return


def _is_typed(keys: Sequence[str], meant: tuple[str, ...]) -> bool:
    """Say whether each syllable was typed as it is meant, or without marks."""
    return all(not typed or typed == key for typed, key in zip(keys, meant, strict=True))


def _days(found: Sequence[Token]) -> Iterator[tuple[int, int, str]]:
    """Yield the days: 31/1/2020, 31-1-2020, (ngày) 31 tháng 1 năm 2020."""
    for n, token in enumerate(found):
        if token.kind == "number":
            written = _written_day(found[n : n + 5])
            day = _day([one.terms[0] for one in written])
            if day is not None:
                yield n, found.index(written[2], n) - n + 1, f"d:{day}"


def _written_day(some: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens that would be day, month and year; none where words or signs do not part them so."""
    if [one.terms[-1] for one in some[1::2]] == ["~thang", "~nam"]:
        return some[::2]
    return some[:3] if all(one.end + 1 == other.start for one, other in pairwise(some[:3])) else ()


def _day(written: Sequence[str]) -> date | None:
    if len(written) != 3 or len(written[2]) != 4 or not "".join(written).isdecimal():
        return None
    try:
        return date(int(written[2]), int(written[1]), int(written[0]))
    except ValueError:
        return None


def _numbered(found: Sequence[Token]) -> Iterator[int]:
    """Yield the numbers that a document is called by: số 62, Kế hoạch 62."""
    for n, token in enumerate(found):
        if token.kind == "number" and n and token.terms[-1].isdecimal():
            before = [neighbour.terms[-1] for neighbour in found[max(0, n - 2) : n]]
            if before[-1] == "~so" or tuple(before) in _CALLED:
                yield n


_CALLED = frozenset(
    tuple("~" + fold(word) for word in kind.split())
    for kind in (
        "kế hoạch", "quyết định", "nghị quyết", "chỉ thị", "thông báo", "công văn", "hướng dẫn", "báo cáo",
        "nghị định", "thông tư", "tờ trình", "kết luận", "đề án", "văn bản",
    )
)  # fmt: skip
