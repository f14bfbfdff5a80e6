"""Numbers as they are printed: in digits or words, with scales, as ranges and as parts of a whole.

The forms are those of vietnamese.md section 3.3: dots part thousands, commas decimals, "13/15" is a part of a whole,
"840-930" a range, "2 tỷ 300 triệu" one number.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from archive.enrich.claims.words import load
from archive.enrich.prose import BREAKS, Prose, word_keys
from archive.text import tone_key

YEAR = re.compile(r"(?:19|20)\d\d")

_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_COMMA_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3}){2,}|[1-9]\d{0,2},\d{3}")
_DECIMAL = re.compile(r"\d+(?:,\d+)?|\d+\.\d{1,2}|0\.\d{3}")
_DASHES = frozenset("-–—−")
_JOINTS = frozenset("-.,")
_SIGN = re.compile(r"\s?%")


class Quantity(NamedTuple):
    """A number read at a word: where it ends, by word and by offset; what it was multiplied by."""

    value: float
    end: int
    stop: int
    scale: float = 1.0
    percent: bool = False
    out_of: float | None = None
    in_words: bool = False


def is_number(key: str) -> bool:
    """Say whether a word begins a number, in digits or in words."""
    return key[0].isdigit() or key in _digits()


def read_number(prose: Prose, word: int) -> Quantity | None:
    """Return the number at a word; None for a date or a code."""
    return _in_words(prose, word) if prose.keys[word] in _digits() else _in_digits(prose, word)


def _in_digits(prose: Prose, word: int) -> Quantity | None:
    """Return the number at a word printed in digits, scales and percent sign included; None for a date or a code."""
    surface, end, stop = prose.keys[word], word + 1, prose.ends[word]
    if _touches_letters(prose, word):
        return None
    done, slash, whole = surface.partition("/")
    percent = _SIGN.match(prose.text, stop)
    following = prose.keys[end] if is_glued(prose, end) else ""
    value = printed_value(done, percent is not None or following in _scales())
    out_of = printed_value(whole, False) if slash else None
    if value is None or (slash and out_of is None):
        return None
    if percent is not None:
        return Quantity(value, end, percent.end(), percent=True)
    quantity = _scaled(prose, Quantity(value, end, stop, out_of=out_of))
    return _compound(prose, quantity) if quantity.scale > 1000 else _among(prose, quantity)


def printed_value(printed: str, decimal: bool) -> float | None:
    """Return the number a string of digits, dots and commas stands for; `decimal`: a percent sign or scale follows."""
    if _THOUSANDS.fullmatch(printed) and not printed.startswith("0."):
        return float(printed.replace(".", "").replace(",", "."))
    if not decimal and _COMMA_THOUSANDS.fullmatch(printed):
        return float(printed.replace(",", ""))
    if _DECIMAL.fullmatch(printed):
        return float(printed.replace(",", "."))
    return None


def _in_words(prose: Prose, word: int) -> Quantity | None:
    """Return a number from two to nineteen, or a round one of two digits, printed in words before a countable unit."""
    digits, keys = _digits(), prose.keys
    value, end = digits[keys[word]], word + 1
    if end < len(keys) and keys[end] == _TENS and value < 10:
        value, end = value * 10, end + 1
    elif value == 10 and end < len(keys) and keys[end] in digits and is_glued(prose, end):
        value, end = value + digits[keys[end]], end + 1
    if end >= len(keys) or not is_glued(prose, end) or _within_name(prose, word):
        return None
    return Quantity(float(value), end, prose.ends[end - 1], in_words=True)


def _within_name(prose: Prose, word: int) -> bool:
    return prose.is_name(word, word + 1) and word > 0 and prose.keys[word - 1] not in BREAKS


def _scaled(prose: Prose, quantity: Quantity) -> Quantity:
    """Return the quantity times the scale words after it: 17 nghìn, 5 triệu, 1,2 nghìn tỷ."""
    value, end, scale = quantity.value, quantity.end, 1.0
    while end < len(prose.keys) and prose.keys[end] in _scales() and is_glued(prose, end):
        scale *= _scales()[prose.keys[end]]
        end += 1
    if scale == 1.0:
        return quantity
    return quantity._replace(value=value * scale, end=end, stop=prose.ends[end - 1], scale=scale)


def _compound(prose: Prose, quantity: Quantity) -> Quantity:
    """Return 2 tỷ 300 triệu as one quantity."""
    end = quantity.end
    if end >= len(prose.keys) or not prose.keys[end].isdigit() or not is_glued(prose, end):
        return quantity
    rest = _scaled(prose, Quantity(float(prose.keys[end]), end + 1, prose.ends[end]))
    if not 1.0 < rest.scale < quantity.scale:
        return quantity
    return rest._replace(value=quantity.value + rest.value)


def _among(prose: Prose, quantity: Quantity) -> Quantity:
    """Return "3 trong số 8 lớp" as three of eight."""
    for words in _OF:
        word = quantity.end + len(words)
        if tuple(prose.keys[quantity.end : word]) == words and word < len(prose.keys) and prose.keys[word].isdigit():
            return quantity._replace(end=word + 1, stop=prose.ends[word], out_of=float(prose.keys[word]))
    return quantity


def upper_end(prose: Prose, low: Quantity) -> Quantity | None:
    """Return the upper end of a range: "1.500 - 1.700", "từ 1 đến 1,5%"; None where no range is printed."""
    word = low.end
    if word >= len(prose.keys):
        return None
    gap = prose.text[low.stop : prose.starts[word]].strip()
    if prose.keys[word] in _TO and not gap:
        word += 1
    elif gap not in _DASHES:
        return None
    if word >= len(prose.keys) or not prose.keys[word][0].isdigit():
        return None
    high = _in_digits(prose, word)
    if high is None or YEAR.fullmatch(prose.keys[word]):
        return None
    scale = high.scale if low.scale == 1.0 else 1.0
    return high if low.value * scale < high.value and (high.percent or not low.percent) else None


def is_glued(prose: Prose, word: int) -> bool:
    """Say whether nothing but blanks stands between a word and the one before it."""
    return word < len(prose.keys) and not prose.text[prose.ends[word - 1] : prose.starts[word]].strip()


def _touches_letters(prose: Prose, word: int) -> bool:
    """Say whether a number is part of a code: H1, Covid-19, 30a, 06/KH-UBND, QĐ/12."""
    start, stop = prose.starts[word], prose.ends[word]
    before, after = prose.text[max(0, start - 2) : start], prose.text[stop : stop + 2]
    if before[-1:].isalpha() or (after[:1] == "/" and after[1:].isalpha()):
        return True
    if before[-1:] == "/":
        return before[:1].isupper() or before[:1].isdigit()
    return before[-1:] in _JOINTS and before[:1].isalpha()


_TENS = tone_key("mươi")
_OF = (word_keys("trong số"), word_keys("trong tổng số"), word_keys("trên tổng số"), word_keys("trên"))
_TO = frozenset(map(tone_key, ("đến", "tới")))


@lru_cache(maxsize=1)
def _digits() -> dict[str, int]:
    return {tone_key(word): value for word, value in load("units.toml")["digits"].items()}


@lru_cache(maxsize=1)
def _scales() -> dict[str, float]:
    return {tone_key(word): float(value) for word, value in load("units.toml")["scales"].items()}
