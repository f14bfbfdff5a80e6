"""The one normaliser of text: cleaning, Vietnamese keys, and the tokens that rules, index and queries share.

A syllable has two terms: its *key* (lower case, tone mark moved to the end, i/y folded: hoà = hòa, kỹ = kĩ) and its
*fold* (no marks at all, đ as d), written with a leading "~". A document holds both, so that a query may ask for
either: typed marks count, untyped ones match every form (asymmetric search, UTS #10 section 8).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

ANALYSIS = 2  # grows whenever the same text would give other terms: an index made with another number is made again

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_LOOK_ALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ"})  # eth and African d in old pages: "Ðống Ða"
# Syllables whose final y is a spelling of i: tỷ/tỉ, kỹ/kĩ, quý/quí, sỹ/sĩ (vietnamese.md, rule N4).
_Y_FOR_I = re.compile(r"(?:qu|[hklmstv])y")

# Characters that are never text: C0 and C1 controls but tab and newline, surrogates, non-characters, bidi overrides,
# zero-width marks, soft hyphen, byte-order mark.
_NOT_TEXT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff0-\ufffc\ufffe\uffff"
    "\ud800-\udfff]"
)
_BLANKS = re.compile(r"[^\S\n]+")


# What Vietnamese portals were written in. Python knows more charsets, some of which take quadratic time (punycode).
_CHARSETS = frozenset(("utf-8", "utf-16", "windows-1258", "windows-1252", "iso-8859-1", "us-ascii"))
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?([\w-]{1,20})""", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"""charset\s{0,9}=\s{0,9}["']?([\w-]{1,20})""", re.IGNORECASE)


def decode(body: bytes, content_type: str = "") -> str:
    """Return the text of a page: UTF-8 where the bytes are, else by the charset of header or meta, else Vietnamese."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode(_charset(body, content_type), "replace")


def _charset(body: bytes, content_type: str) -> str:
    header, meta = _HEADER_CHARSET.search(content_type), _META_CHARSET.search(body[:4096])
    declared = header[1] if header else meta[1].decode("ascii", "replace") if meta else ""
    return declared.lower() if declared.lower() in _CHARSETS else "windows-1258"


def clean(text: str) -> str:
    """Return the text in NFC without control, bidi and zero-width characters, blanks squeezed, lines stripped.

    Idempotent; the result can be stored in SQLite, JSON, XML and CSV. Empty lines vanish.
    """
    text = unicodedata.normalize("NFC", _NOT_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def clean_line(text: str) -> str:
    """Return the cleaned text on one line."""
    return clean(text).replace("\n", " ")


@lru_cache(maxsize=1 << 16)
def tone_key(word: str) -> str:
    """Return the word in lower case with each tone mark at its end and final y as i: one key for all spellings.

    hoà = hòa, thuỷ = thủy, vịêt = việt, kỹ = kĩ, liệt sỹ = liệt sĩ; túi stays apart from túy.
    """
    marks: list[str] = []
    rest: list[str] = []
    for char in unicodedata.normalize("NFD", word.translate(_LOOK_ALIKES).lower()):
        (marks if char in _TONES else rest).append(char)
    bare = unicodedata.normalize("NFC", "".join(rest))
    if _Y_FOR_I.fullmatch(bare):
        bare = bare[:-1] + "i"
    return bare + "".join(marks)


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """Return the word in lower case without any mark, đ as d, final y as i: what a person types without diacritics."""
    decomposed = unicodedata.normalize("NFD", word.translate(_LOOK_ALIKES).lower().replace("đ", "d"))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return bare[:-1] + "i" if _Y_FOR_I.fullmatch(bare) else bare


def fold_text(text: str) -> str:
    """Return every word of the text folded, words separated by one space: for comparing titles and names."""
    return " ".join(fold(match.group()) for match in _WORD.finditer(text))


@lru_cache(maxsize=1 << 16)
def has_marks(word: str) -> bool:
    """Say whether the word carries any Vietnamese mark (tone, hat, horn, breve, or đ)."""
    lowered = unicodedata.normalize("NFD", word.translate(_LOOK_ALIKES).lower())
    return "đ" in lowered or any(unicodedata.combining(char) for char in lowered)


class Token(NamedTuple):
    """One position of a text: the terms that stand there, the first being what a query asks for; and its offsets."""

    terms: tuple[str, ...]
    start: int
    end: int


_LETTERS = r"[^\W\d_]"
_MARK = "\u0300-\u036f"
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARK}])*")
# 06/KH-UBND, 61/2015/NĐ-CP, 37/2015/TTLT-BLĐTBXH-BNV; typed in any case.
_DOCUMENT = re.compile(
    r"(?<![\w/])(?P<n>\d{1,5})/(?:(?P<year>(?:19|20)\d\d)/)?(?P<letters>[^\W\d_][\w&]{0,14}(?:-[^\W\d_][\w&]{0,14}){0,4})(?![\w/-])"
)
_NUMBER = re.compile(r"(?<![\w.,])(?:\d{1,3}(?:\.\d{3})+(?:,\d{1,3})?|\d{1,15}(?:,\d{1,3})?)(?![\w]|[.,]\d)")
# LĐ-TB&XH, LĐTB&XH, KT-XH: capitals joined by hyphen or ampersand are one abbreviation.
_ABBREVIATION = re.compile(r"(?<!\w)[A-ZĐ]{1,8}(?:[-&][A-ZĐ]{1,8}){1,4}(?![\w-])")
_TOKEN = re.compile(
    "|".join(
        f"(?P<{name}>{rule.pattern})"
        for name, rule in (
            ("document", _DOCUMENT),
            ("number", _NUMBER),
            ("abbreviation", _ABBREVIATION),
            ("word", _WORD),
        )
    )
)


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of the text in order; offsets are code points into the text as given, NFC or not."""
    for match in _TOKEN.finditer(text):
        yield Token(_TERMS[str(match.lastgroup)](match), match.start(), match.end())


def query_term(token: Token) -> str:
    """Return the one term that a typed token asks for: its key if it was typed with marks, else its fold."""
    return token.terms[0]


@lru_cache(maxsize=1 << 16)
def _word_terms(word: str) -> tuple[str, ...]:
    folded = "~" + fold(word)
    return (tone_key(word), folded) if has_marks(word) else (folded,)


def _number_terms(written: str) -> tuple[str, ...]:
    whole, _, decimals = written.replace(".", "").partition(",")
    whole = whole.lstrip("0") or "0"
    return (f"{whole}.{decimals}" if decimals.rstrip("0") else whole,)


def document_number(written: str) -> str:
    """Return the canonical form of a document number: 06/KH-UBND and 6/kh-ubnd give "6/kh-ubnd"."""
    first, _, rest = written.partition("/")
    return f"{first.strip().lstrip('0') or '0'}/{fold(rest.replace(' ', '').replace('đ', 'd').replace('Đ', 'd'))}"


def _document_terms(match: re.Match[str]) -> tuple[str, ...]:
    parts = re.split(r"[-/&]", match["letters"])
    year = (match["year"],) if match["year"] else ()
    return (
        document_number(match["document"]),
        match["n"].lstrip("0") or "0",
        *year,
        *("~" + fold(part) for part in parts),
    )


def _abbreviation_terms(written: str) -> tuple[str, ...]:
    parts = re.split(r"[-&]", written)
    return ("~" + fold("".join(parts)), *("~" + fold(part) for part in parts))


_TERMS: dict[str, Callable[[re.Match[str]], tuple[str, ...]]] = {
    "document": _document_terms,
    "number": lambda match: _number_terms(match.group()),
    "abbreviation": lambda match: _abbreviation_terms(match.group()),
    "word": lambda match: _word_terms(match.group()),
}


def language(text: str) -> str:
    """Return "vi" for Vietnamese, "en" for English, "und" for anything else and for too little text.

    Vietnamese prose carries a mark on most words; foreign prose on almost none.
    """
    words = [match.group() for match in _WORD.finditer(text[:20_000]) if match.group()[0].isalpha()]
    if len(words) < 8:
        return "vi" if any(map(has_marks, words)) else "und"
    marked = sum(map(has_marks, words)) / len(words)
    if marked >= 0.2:
        return "vi"
    return "en" if marked < 0.05 and _ENGLISH.intersection(word.lower() for word in words) else "und"


_ENGLISH = frozenset(("the", "and", "of", "to", "in", "is", "for", "with"))
