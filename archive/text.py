"""The one normaliser of text: bytes to characters, cleaning, and the keys that rules, index and queries compare by.

A syllable has a *key* (lower case, tone mark moved to the end, i/y folded: hoà = hòa, kỹ = kĩ) and a *fold* (no marks at
all, đ as d).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from bs4.dammit import EncodingDetector

from archive.legacy import is_in_fonts, repair

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
_HEAD = 4096  # bytes in which a page says its charset; the search in them is not linear
_HEADER_CHARSET = re.compile(r"""charset\s{0,9}=\s{0,9}["']?([\w-]{1,20})""", re.IGNORECASE)


def decode(body: bytes, content_type: str = "") -> str:
    """Return the text of a page: UTF-8 where the bytes are, else by the charset of header or meta, else Vietnamese.

    What was typed in the fonts of before Unicode, or misread on its way, is repaired (`archive.legacy`).
    """
    try:
        return repair(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return repair(_decode_old(body, content_type))


def _decode_old(body: bytes, content_type: str) -> str:
    """Return the text of bytes that are no UTF-8; those of a font are Latin-1 whatever the page declares."""
    as_latin = body.decode("latin-1")
    return as_latin if is_in_fonts(as_latin) else body.decode(_charset(body, content_type), "replace")


def _charset(body: bytes, content_type: str) -> str:
    header = _HEADER_CHARSET.search(content_type)
    declared = header[1] if header else EncodingDetector.find_declared_encoding(body[:_HEAD], is_html=True) or ""
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


_MARK = "\u0300-\u036f"
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARK}])*")


def document_number(written: str) -> str:
    """Return the canonical form of a document number: "06/KH-UBND" and "6 / kh–ubnd" give "6/kh-ubnd"."""
    first, _, rest = written.translate(_IN_NUMBERS).partition("/")
    return f"{fold(first).lstrip('0') or '0'}/{fold(rest)}"


_IN_NUMBERS = str.maketrans({" ": "", "\xa0": "", "&": "", "–": "-"})


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
