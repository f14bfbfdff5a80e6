"""Text from before Unicode, and Unicode that was read as something else, made Vietnamese again; the rest untouched.

Pages of the 2000s were typed in TCVN3 (ABC) or VNI fonts: letters stand on the code points of Latin-1. Others are UTF-8
that a server took for Latin-1 or Windows-1252. Whether a page is of either kind is decided for the page as a whole, as
a line is too short to tell (vietnamese.md 1.6); then only those pieces of it are repaired that can be of that kind,
so that a menu in Unicode around an article in TCVN3 stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import ftfy
import viparse

# UTF-8 of Vietnamese letters, read as Windows-1252: "á»™" is ộ. Measured on clean pages: none.
_MISREAD = re.compile(
    "\xe1[\xba\xbb][\x80-\xbf\u0192\u201a\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019"
    "\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]"
    "|\xc4[\x90\x91\u2018\x82\u201a\x83\u0192]|\xc6[\xa0\xa1\xaf\xb0]|\xc3\xa1\xc2[\xba\xbb]"
)
_MISREAD_LEAST = 3
_MISREAD_SHARE = 1 / 1000  # of the characters

_LATIN = re.compile("[\xaa\xb5\xba\xc0-\xd6\xd8-\xf6\xf8-\xff]")
# The letters of Latin-1 that no Vietnamese word has; n with tilde and c with cedilla of foreign names among them.
_FOREIGN = re.compile(
    "[\xaa\xb5\xba\xc4-\xc7\xcb\xce\xcf\xd1\xd6\xd8\xdb\xdc\xde\xdf\xe4-\xe7\xeb\xee\xef\xf1\xf6\xf8\xfb\xfc\xfe\xff]"
)
_FOREIGN_LEAST = 8
_FOREIGN_SHARE = 0.4  # of the Latin-1 letters; clean pages 0, TCVN3 0.77, VNI 0.62 (vietnamese.md 1.6)

_PIECE = re.compile(r"[^<>\r\n]+")  # text between tags, on one line
_BEYOND_LATIN = re.compile("[\u0100-\u024f\u1e00-\u1eff\u0300-\u036f]")
_BEYOND_WINDOWS = re.compile(
    "[^\x00-\xff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122\ufffd]"
)
# Font-encoded text that an editor wrote as entities: µ and ø stand for à.
_ENTITIES = re.compile("&(?:micro|oslash|#181|#248);")
_LATIN_ENTITY = re.compile(r"&(?:#(?:1[6-9]\d|2[0-4]\d|25[0-5])|[A-Za-z]{2,6}\d{0,2});")


def repair(text: str) -> str:
    """Return the text with misread UTF-8 and letters of TCVN3 and VNI fonts as Unicode; other text as it is."""
    if _is_misread(text):
        text = _in_pieces(text, _BEYOND_WINDOWS, _read_again)
    if is_in_fonts(text):
        return _in_pieces(text, _BEYOND_LATIN, viparse.fix)
    if _ENTITIES.search(text):
        plain = _LATIN_ENTITY.sub(_character, text)
        return _in_pieces(plain, _BEYOND_LATIN, viparse.fix) if is_in_fonts(plain) else text
    return text


def _is_misread(text: str) -> bool:
    count = sum(1 for _ in _MISREAD.finditer(text))
    return count >= _MISREAD_LEAST and count >= len(text) * _MISREAD_SHARE


def is_in_fonts(text: str) -> bool:
    """Say whether the pieces without a letter beyond Latin-1, taken together, are letters of another font."""
    if sum(1 for _ in _FOREIGN.finditer(text)) < _FOREIGN_LEAST:
        return False
    pieces = [piece for piece in _PIECE.findall(text) if not _BEYOND_LATIN.search(piece)]
    foreign = sum(len(_FOREIGN.findall(piece)) for piece in pieces)
    letters = sum(len(_LATIN.findall(piece)) for piece in pieces)
    return foreign >= _FOREIGN_LEAST and foreign >= letters * _FOREIGN_SHARE


def _in_pieces(text: str, beyond: re.Pattern[str], mend: Callable[[str], str]) -> str:
    """Return the text with each piece mended that has no character beyond what its kind of damage leaves.

    They are mended as the lines of one text: a call for each would take minutes on a page of a hundred thousand tags.
    """
    pieces = [match.span() for match in _PIECE.finditer(text)]
    damaged = [(start, end) for start, end in pieces if _is_damaged(text[start:end], beyond)]
    mended = mend("\n".join(text[start:end] for start, end in damaged)).split("\n")
    if len(mended) != len(damaged):
        return text
    at, parts = 0, []
    for (start, end), piece in zip(damaged, mended, strict=True):
        parts += [text[at:start], piece]
        at = end
    return "".join((*parts, text[at:]))


def _is_damaged(piece: str, beyond: re.Pattern[str]) -> bool:
    return not piece.isascii() and beyond.search(piece) is None


def _read_again(piece: str) -> str:
    return ftfy.fix_text(piece, uncurl_quotes=False, normalization="NFC", unescape_html=False, fix_line_breaks=False)


def _character(entity: re.Match[str]) -> str:
    """Return the Latin-1 character an entity names; any other entity as it stands."""
    character = unescape(entity.group())
    return character if len(character) == 1 and "\xa1" <= character <= "\xff" else entity.group()
