"""Tell the lines of an article from those that a CMS prints around it: end marks, junk, date lines, signatures.

The phrases are data (furniture.toml). A phrase is compared by its *shape*, in which every letter that Latin-1 or ASCII
could have lost is one mark: one shape for the intact line and for its damaged copy (portals.md section 0.2).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from typing import NamedTuple

from archive.text import fold_text
from scraper.reading.page import WRITTEN_DAY, parse_when

_DATA = tomllib.loads((files("scraper.reading") / "furniture.toml").read_text("utf-8"))
_LOSSY = re.compile(r"[?\u0080-\U0010ffff]+")
_EDGES = " .,:;*()|[]#+-–—•·»«›‹>►▪_"
_SHORT = 80  # characters; a longer line is a sentence, whatever it begins with


def _shape(text: str) -> str:
    return _LOSSY.sub("?", text.lstrip(_EDGES).rstrip(_EDGES + "0123456789").lower())


def _shapes(name: str) -> tuple[str, ...]:
    return tuple(map(_shape, _DATA[name]))


_ENDS = frozenset(_shapes("ends"))
_END_PREFIXES = (*_shapes("end_prefixes"), *_shapes("imprint"))
_FILE_LABELS = frozenset(_shapes("file_labels"))
_JUNK = frozenset(_shapes("junk")) | _FILE_LABELS
_JUNK_PREFIXES = _shapes("junk_prefixes")
_SITES = _shapes("sites")
_FILED_UNDER = re.compile(r"(?:chuyên mục|danh mục|thể loại|category)\s*:", re.IGNORECASE)
_CONTROL_WORDS = frozenset(_DATA["control_words"].split())


def _alternatives(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True)))


_IMPRINT = re.compile(_alternatives(_DATA["imprint"]), re.IGNORECASE)


def is_end(line: str) -> bool:
    """Say whether the line opens what follows an article: related lists, comments, counters, the imprint."""
    shape = _shape(line)
    opens = shape in _ENDS or shape.startswith(_END_PREFIXES) or line.rstrip(" :").endswith("(*)")
    return opens and len(line) <= _SHORT


def is_imprint(line: str) -> bool:
    """Say whether a line below the text, of any length, belongs to the foot of a site: who runs it, by what licence."""
    return _IMPRINT.search(line) is not None


def is_junk(line: str) -> bool:
    """Say whether the line is a control, a counter, a greeting or the name of a site, wherever it stands."""
    if len(line) > _SHORT:
        return is_site(line)
    shape = _shape(line)
    known = shape in _JUNK or shape.startswith(_JUNK_PREFIXES) or not any(map(str.isalnum, line))
    return known or _CONTROL_WORDS.issuperset(fold_text(line).split()) or is_filed_under(line) or is_site(line)


def is_filed_under(line: str) -> bool:
    """Say whether the line names the section of an article: "Chuyên mục: Văn hóa - Xã hội"."""
    return _FILED_UNDER.match(line) is not None


def split_file_label(line: str) -> str:
    """Return the line without the label that announces a file: "File đính kèm: 36-kh-ubnd.pdf"."""
    label, _, name = line.partition(":")
    return name.strip() if _shape(label) in _FILE_LABELS else line


def is_site(line: str) -> bool:
    """Say whether the line names a website rather than says something."""
    return _shape(line).startswith(_SITES) and len(line) <= 120 and not line.endswith(".")


# --- dates ---------------------------------------------------------------------------------------------------

_DAY = re.compile(rf"(?<!\d)\d{{1,2}}[/.-]\d{{1,2}}[/.-]20\d\d(?!\d)|{WRITTEN_DAY.pattern}", re.IGNORECASE)
_CLOCK = re.compile(r"(?<!\d)\d{1,2}(?::\d\d){1,2}(?!\d)|(?<!\d)\d{1,2}h\d\d(?!\d)")
_DATE_WORDS = frozenset(_DATA["date_words"].split()) | _CONTROL_WORDS
_LABELS = tuple(_DATA["date_labels"])
_BYLINE = re.compile(  # Drupal: «Submitted by admin on 12/07/2023», «Được gửi bởi quantri vào T4, 12/07/2023»
    r"(?:(?:submitted|posted|published) by [\w.-]{1,40}(?: [\w.-]{1,40}){0,3} on"
    r"|(?:được )?(?:gửi|đăng|viết) bởi:? [\w.-]{1,40}(?: [\w.-]{1,40}){0,3} (?:vào|lúc|ngày))\b",
    re.IGNORECASE,
)
_SITE_CLOCK = re.compile(r"hom nay|(?:thu [a-z]{2,3}|nhat) ngay")


def is_date_line(line: str) -> bool:
    """Say whether the line is one date and nothing else but time, weekday, label and a count of views."""
    line = _BYLINE.sub("", line, count=1)
    if len(line) > _SHORT or sum(1 for _ in _DAY.finditer(line)) != 1 or parse_when(line) is None:
        return False
    rest = _CLOCK.sub(" ", _DAY.sub(" ", line))
    return all(word in _DATE_WORDS or word.isdecimal() for word in fold_text(rest).split())


def is_own_date(line: str) -> bool:
    """Say whether a date line is the article's own by its wording: labelled, counted or in parentheses."""
    folded = fold_text(line)
    return line.startswith("(") or any(label in folded for label in _LABELS)


def is_clock(line: str) -> bool:
    """Say whether a date line is worded like the clock of a site: "Hôm nay: …", "Thứ Sáu, ngày …"."""
    return not is_own_date(line) and _SITE_CLOCK.match(fold_text(line)) is not None


class Stamped(NamedTuple):
    """A title and the date that stood at its end, if one did."""

    text: str
    when: str | None


_OPENS_STAMP = re.compile(r"[(\[]?(?:\d{1,2}:\d\d|\d{1,2}[/.-]\d{1,2}[/.-]20\d\d|Thứ|Chủ)")


def split_stamp(title: str) -> Stamped:
    """Cut the time of publication from the end of a title: "… năm 2020 (21:20 09/01/2020)" (HNP, portals.md section C).

    A bare date stays: it may belong to what the title says.
    """
    text, stamp = _split_date(title)
    timed = ":" in stamp or stamp.lstrip("(").startswith(("Thứ", "Chủ"))
    return Stamped(text, parse_when(stamp)) if timed else Stamped(title, None)


def split_list_date(line: str) -> str:
    """Return the line of a list without its bullet and the date behind it, however that is written."""
    return _split_date(line.lstrip(_EDGES))[0]


def _split_date(line: str) -> tuple[str, str]:
    """Return what stands before the date at the end of a line, and the date; the line and nothing when there is none."""
    words = line.split(" ") if _DAY.search(line) else []
    for n in range(max(1, len(words) - 8), len(words)):
        stamp = " ".join(words[n:])
        if _OPENS_STAMP.match(stamp) and is_date_line(stamp):
            return " ".join(words[:n]).rstrip(" |-–"), stamp
    return line, ""


def split_bare_date(title: str) -> Stamped:
    """Cut a date in parentheses from the end of a title: what it is on a page without any other date (Đắk Lắk)."""
    text, _, stamp = title.rpartition(" (")
    return Stamped(text.rstrip(), parse_when(stamp)) if text and is_date_line(f"({stamp}") else Stamped(title, None)


# --- signatures ----------------------------------------------------------------------------------------------


class Credit(NamedTuple):
    """Who wrote an article and whose text it reprints; either may be empty."""

    author: str = ""
    source: str = ""


_AUTHOR_LABEL = re.compile(rf"(?:{_alternatives(_DATA['author_labels'])})\s*:\s*", re.IGNORECASE)
_SOURCE_LABEL = re.compile(rf"\(?(?:{_alternatives(_DATA['source_labels'])})\s*(?::\s*|(?<=[Tt]heo)\s)", re.IGNORECASE)
_OFFICE = re.compile(rf"(?:{_alternatives(_DATA['offices'])})(?!\w)", re.IGNORECASE)
_AGENCY = re.compile(rf"\(?({_alternatives(_DATA['agencies'])})\)?\s*[-–—:]+\s*(?=\S)")
_NOT_NAME = re.compile(r"[^\w.'’-]|[\d_]")
_BETWEEN_NAMES = re.compile(r"[,;/()]| [-–—&] ")
_SMALL_WORDS = frozenset(" ".join(_DATA["signature_words"]).split())
_LONGEST_SIGNATURE = 70
_OFFICE_WORDS = 10  # a longer line says what the office did


def labelled_credit(line: str) -> Credit | None:
    """Return whom a line names behind a label ("Tác giả: …", "Nguồn: …", "Theo …"), or None for any other line."""
    if len(line) > _LONGEST_SIGNATURE + 20:
        return None
    label = _AUTHOR_LABEL.match(line) or _SOURCE_LABEL.match(line)
    name = _named(line[label.end() :]) if label else ""
    if label is None or not name:
        return None
    return Credit(author=name) if label.re is _AUTHOR_LABEL else Credit(source=name)


def _named(text: str) -> str:
    """Return the name that the text is, empty for a sentence: "Ảnh: Lãnh đạo huyện trao quà" names nobody."""
    name = text.strip(" .")
    name = name if "(" in name else name.rstrip(")")
    return name if is_signature(name) or " " not in name else ""


def is_signature(line: str) -> bool:
    """Say whether the line is nothing but the name of a person or an office: "Kim Thoả, Trung tâm VHTT&TT"."""
    if not 3 <= len(line) <= _LONGEST_SIGNATURE or line[-1] in ".;:,?!" or any(map(str.isdigit, line)):
        return False
    names = [name.strip() for name in _BETWEEN_NAMES.split(line) if name.strip()]
    return is_office(line) or (0 < len(names) <= 4 and all(is_office(name) or _is_person(name) for name in names))


def is_office(name: str) -> bool:
    """Say whether the name is that of an office: it begins with a word like Phòng, Trung tâm, UBND."""
    return name[0].isupper() and _OFFICE.match(name) is not None and len(name.split()) <= _OFFICE_WORDS


def _is_person(name: str) -> bool:
    words = [word for word in name.split() if word not in _SMALL_WORDS]
    capital = all(word[0].isupper() and _NOT_NAME.search(word) is None for word in words)
    return capital and len(words) <= 6 and (len(name.split()) > 1 or name.isupper())


def split_signature(lines: tuple[str, ...]) -> tuple[int, Credit]:
    """Return how many last lines sign the article, and whom they name.

    A person over an office is one signature; several names under each other are a list, not a signature.
    """
    taken, author, source = 0, "", ""
    for line in reversed(lines[-3:]):
        credit = labelled_credit(line)
        if credit is None:
            break
        taken, author, source = taken + 1, credit.author or author, credit.source or source
    if not author and (signers := _signers(lines[: len(lines) - taken])):
        taken, author = taken + len(signers), ", ".join(signers)
    return taken, Credit(author, source)


def _signers(lines: tuple[str, ...]) -> tuple[str, ...]:
    if len(lines) < 2 or not is_signature(lines[-1]):
        return ()
    if not is_signature(lines[-2]):
        return lines[-1:]
    return lines[-2:] if is_office(lines[-1]) and not is_office(lines[-2]) else ()


class Opening(NamedTuple):
    """A text without the tag of an agency, and the agency; empty when no tag stood there."""

    text: str
    agency: str


def split_agency(text: str) -> Opening:
    """Cut the agency's tag from the beginning of a text: "HNP - Ngày 03/01, …" gives the rest and "HNP"."""
    tag = _AGENCY.match(text)
    return Opening(text[tag.end() :], tag[1]) if tag else Opening(text, "")


_NOTICE = re.compile(_alternatives(_DATA["notices"]), re.IGNORECASE)


def is_notice(text: str) -> bool:
    """Say whether a short text tells that something cannot be shown."""
    return _NOTICE.search(text) is not None
