"""Read an article in the lines of a page: where its title and date stand, where its text ends, who signed it.

Works on text alone, so the same rules serve every layout of every CMS; the layouts only say where to look.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from archive.models import BodyKind, ExtractError
from archive.text import fold_text
from scraper.reading.furniture import (
    Credit,
    Stamped,
    is_clock,
    is_date_line,
    is_end,
    is_imprint,
    is_junk,
    is_own_date,
    is_signature,
    labelled_credit,
    split_agency,
    split_bare_date,
    split_file_label,
    split_list_date,
    split_signature,
    split_stamp,
)
from scraper.reading.page import parse_when
from scraper.reading.sheet import Sheet

_SENTENCE = 60  # characters; a shorter line above the text is a control or a caption
_PARAGRAPH = 200  # characters; a longer line is no title
_ABOVE = 40  # lines above the first paragraph in which the title is looked for
_CATEGORY = 60  # characters; the longest name of a section
_CERTAIN = 5  # points of a title
_PATH_SIGNS = ("|", "»", "›", ">", "/")  # between the names of a menu or a path
_STOPS = (".", ";", ":", "!")
_HEAD = 3  # lines below a title that are its own: section, date, author
_LIST_LINES = 6  # of which two lead to other articles
_TITLE = 25  # characters; titles are hardly ever shorter


class Parts(NamedTuple):
    """What selectors found on a page, each as text; empty where they found nothing."""

    title: str = ""
    when: str = ""
    summary: str = ""
    section: str = ""
    author: str = ""


class Story(NamedTuple):
    """The text of an article and what its page says about it."""

    title: str
    published: str | None
    section: str
    summary: str
    body: tuple[str, ...]
    kinds: tuple[BodyKind, ...]
    credit: Credit


def tell(sheet: Sheet, parts: Parts) -> Story:
    """Return the article on the sheet; raise ExtractError when it has no title or no text."""
    title, stamp = _split_title(sheet, _without_date(parts.title, parts.when) or guess_title(sheet))
    at = _title_line(sheet, title)
    dated = _date_line(sheet, at)
    when = stamp or parse_when(parts.when) or (parse_when(sheet.lines[dated]) if dated is not None else None)
    title, when = (title, when) if when else split_bare_date(title)
    known = (title, parts.section, parts.author, parts.when)
    kept = [n for n in _text_lines(sheet, at) if n not in (at, dated) and sheet.lines[n] not in known]
    files = (n for n in range(max(sheet.begin, at + 1), sheet.end) if sheet.lines[n] in sheet.files)
    summary, kept = _split_summary(sheet, _without_lists(sheet, kept) or list(files), parts.summary)
    lines = tuple(sheet.lines[n] for n in kept)
    signed, credit = split_signature(lines)
    end = len(lines) - signed
    (summary, *rest), agency = _without_agency((summary, *lines[:end]))
    if not rest and not summary:
        raise ExtractError("no text below the title")
    return Story(
        title=title,
        published=when,
        section=parts.section or _category(sheet, at),
        summary=summary if rest else "",
        body=tuple(rest) or (summary,),
        kinds=tuple(sheet.kinds[n] for n in kept[:end]) or ("p",),
        credit=_credit(parts, credit, _head_credit(sheet, at), agency),
    )


def _split_title(sheet: Sheet, title: str) -> Stamped:
    """Cut the date from a title that a selector found: one with a time, or one that the page prints beside it."""
    bare = split_bare_date(title)
    return bare if bare.when and bare.text in sheet.lines else split_stamp(title)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _without_date(title: str, when: str) -> str:
    return title.removesuffix(when).rstrip() if when and title != when else title


# --- the title -----------------------------------------------------------------------------------------------


def guess_title(sheet: Sheet) -> str:
    """Return the line above the text that most looks like its title; raise ExtractError when none does.

    What counts: the title in the page's head, a date at its end or beside it, its markup; links and slogans do not.
    """
    scores = _title_scores(sheet)
    if not scores:
        raise ExtractError("no line above the text can be its title")
    return sheet.lines[max(scores, key=lambda n: (scores[n], n))]


def has_title(sheet: Sheet) -> bool:
    """Say whether a line is a title beyond doubt: by two signs at least, as no heading of a list has."""
    return max(_title_scores(sheet).values(), default=0) >= _CERTAIN


def _title_scores(sheet: Sheet) -> dict[int, int]:
    last = _first_paragraph(sheet)
    places = (n for n in range(max(0, last - _ABOVE), last) if _may_be_title(sheet.lines[n]))
    return {n: _title_score(sheet, n, last) for n in places}


def _first_paragraph(sheet: Sheet) -> int:
    """Return the place of the first line of the text that is no title: too long, or in a short text a sentence."""
    places = range(sheet.begin, sheet.end)
    long = next((n for n in places if len(sheet.lines[n]) >= _PARAGRAPH), None)
    if long is not None:
        return long
    sentences = (n for n in places if len(sheet.lines[n]) >= _TITLE and sheet.lines[n].endswith(_STOPS))
    return next(sentences, min(sheet.begin + _ABOVE, sheet.end))


def _may_be_title(line: str) -> bool:
    line = line if is_date_line(line) else split_stamp(line).text
    return 8 <= len(line) < _PARAGRAPH + 60 and not (is_junk(line) or is_end(line) or is_date_line(line))


def _title_score(sheet: Sheet, n: int, last: int) -> int:
    line = sheet.lines[n]
    text, stamp = split_stamp(line)
    folded = fold_text(text)
    below, above = sheet.lines[n + 1 : n + 3], sheet.lines[max(0, n - 1) : n]
    lower = (line for line in sheet.lines[n + 1 : last + 1] if len(line) >= _TITLE and not _is_head(line))
    following = next(lower, "")
    return (
        (6 if len(text) >= _CATEGORY / 2 else 2) * any(folded in name for name in sheet.names)
        + 4 * (stamp is not None)
        + 3 * any(map(_may_date, below[:1]))
        + any(map(_may_date, below[1:]))
        + any(is_date_line(line) and is_own_date(line) for line in above)
        + sheet.marks.get(line, 0)
        + 2 * (following.endswith(_STOPS) or len(following) >= _PARAGRAPH)
        - 6 * (split_list_date(line) in sheet.links)
        - 3 * (len(text) < _TITLE)
        - 2 * text.endswith(".")
        - 6 * ((len(text) > 100 and text.endswith(".")) or bool(split_agency(text).agency))
    )


def _is_head(line: str) -> bool:
    return is_date_line(line) or _head_name(line) is not None


def _may_date(line: str) -> bool:
    return is_date_line(line) and not is_clock(line)


def _title_line(sheet: Sheet, title: str) -> int:
    """Return the place of the title nearest above the text; just above the text when it is printed nowhere."""
    wanted = _squeezed(title)
    for n in range(min(_first_paragraph(sheet), len(sheet.lines) - 1), -1, -1):
        if _squeezed(sheet.lines[n]).startswith(wanted):
            return n
    return sheet.begin - 1


def _category(sheet: Sheet, at: int) -> str:
    """Return the line just above the title when it can be the name of its section (Long Biên, portals.md section B)."""
    if at < 1 or at - 1 < _frame(sheet, at) or sheet.kinds[at - 1] == "li":
        return ""
    line = sheet.lines[at - 1]
    path = any(sign in line for sign in _PATH_SIGNS) or line.endswith(_STOPS) or line in sheet.links
    return "" if path or len(line) > _CATEGORY or is_junk(line) or is_end(line) or is_date_line(line) else line


def _frame(sheet: Sheet, at: int) -> int:
    """Return where the smallest element around both text and title begins; the beginning of the page if there is none."""
    return max((begin for begin in sheet.around if begin <= at), default=0)


# --- between title and text ----------------------------------------------------------------------------------


def _date_line(sheet: Sheet, at: int) -> int | None:
    """Return the place of the date line of the title at a line: below it first, then above, where clocks stand too."""
    last = min(at + 6, max(sheet.end, at + 2), len(sheet.lines))  # dates below the text are other articles'
    for n in range(at + 1, last):
        own = n <= at + _HEAD or not _dates_link(sheet, n)  # the link right below a title is its section
        if own and is_date_line(sheet.lines[n]):
            return n
    return next((n for n in (at - 1, at - 2) if n >= 0 and _dates_title(sheet, n, at)), None)


def _dates_title(sheet: Sheet, n: int, at: int) -> bool:
    """Say whether a line above the title dates it: by its wording, or right above it within an element around both."""
    line = sheet.lines[n]
    if not is_date_line(line) or is_clock(line) or _dates_link(sheet, n):
        return False
    framed = bool(sheet.around) and n >= _frame(sheet, at)
    return is_own_date(line) or (n == at - 1 and framed)


def _dates_link(sheet: Sheet, n: int) -> bool:
    """Say whether a date line stands below the title of another article."""
    return n > 0 and _leads_to_article(sheet, n - 1)


def _head(sheet: Sheet, at: int) -> Iterator[int]:
    """Yield the lines between title and text: dates, controls, counters, credits, the title once more."""
    title = _squeezed(sheet.lines[at]) if at >= 0 else ""
    for n in range(at + 1, sheet.end):
        line = sheet.lines[n]
        if not (_is_control(sheet, n) or is_date_line(line) or _head_name(line) or _squeezed(line) == title):
            return
        yield n


def _head_name(line: str) -> Credit | None:
    """Return whom a line between title and text names: with a label, or alone ("Văn Toàn"), but not in capitals."""
    alone = is_signature(line) and not line.isupper()
    return labelled_credit(line) or (Credit(author=line) if alone else None)


def _is_control(sheet: Sheet, n: int) -> bool:
    line = sheet.lines[n]
    return is_junk(line) or (line in sheet.links and len(line) < _SENTENCE) or (is_end(line) and n < sheet.begin)


def _head_credit(sheet: Sheet, at: int) -> Credit:
    return next((credit for n in _head(sheet, at) if (credit := _head_name(sheet.lines[n]))), Credit())


# --- the text ------------------------------------------------------------------------------------------------


def _text_lines(sheet: Sheet, at: int) -> Iterator[int]:
    """Yield the places of the lines of the text: from below the title's head to the first end mark."""
    begun, latest = False, ""
    for n in range(max(_head(sheet, at), default=at) + 1, len(sheet.lines)):
        line = sheet.lines[n]
        if (begun and (is_end(line) or _opens_list(sheet, n))) or (
            n >= sheet.end and not _continues(sheet, line, latest)
        ):
            return
        if _is_text(sheet, n):
            begun, latest = begun or len(line) >= _TITLE, line
            yield n


def _opens_list(sheet: Sheet, n: int) -> bool:
    """Say whether a list of other articles begins, where the end of the text is a guess: its heading or first link."""
    begin = n + 1 if _is_heading(sheet.lines[n]) else n
    places = [m for m in range(begin, min(begin + _LIST_LINES, len(sheet.lines))) if _leads_to_article(sheet, m)]
    return not sheet.sure and places[:1] == [begin] and len(places) > 1


def _leads_to_article(sheet: Sheet, n: int) -> bool:
    text = split_list_date(sheet.lines[n])
    return text in sheet.links and len(text) >= _TITLE and text not in sheet.files


def _is_text(sheet: Sheet, n: int) -> bool:
    line = sheet.lines[n]
    if _names_files(sheet, line) or is_junk(line) or is_end(line) or (is_date_line(line) and is_own_date(line)):
        return False
    return n >= sheet.begin or line in sheet.strong or (len(line) >= _SENTENCE and line not in sheet.links)


def _names_files(sheet: Sheet, line: str) -> bool:
    """Say whether a line is the name of a file, or a label and the names of some."""
    named = split_file_label(line)
    if named == line:
        return line in sheet.files
    for name in sheet.files:
        named = named.replace(name, "")
    return not any(map(str.isalnum, named))


def _continues(sheet: Sheet, line: str, latest: str) -> bool:
    """Say whether a line below the text still belongs to it: a signature, or a paragraph where the end is a guess."""
    if is_junk(line) or is_signature(line) or labelled_credit(line):
        return True
    guessed = not sheet.sure and not is_signature(latest)
    return guessed and len(line) >= _SENTENCE and line not in sheet.links and not is_imprint(line)


def _without_lists(sheet: Sheet, kept: list[int]) -> list[int]:
    """Drop lists of other articles at the end, each with its heading, and the imprint where the end is a guess."""
    end = len(kept)
    while listed := sum(1 for _ in takewhile(lambda n: _is_listed(sheet, sheet.lines[n]), reversed(kept[:end]))):
        end -= listed
        end -= end > 1 and listed > 1 and _is_heading(sheet.lines[kept[end - 1]])
    return kept[:end]


def _is_listed(sheet: Sheet, line: str) -> bool:
    return split_list_date(line) in sheet.links or (not sheet.sure and is_imprint(line))


def _is_heading(line: str) -> bool:
    return len(line) < _SENTENCE and line[-1] not in ".;!?" and not is_signature(line) and not labelled_credit(line)


def _split_summary(sheet: Sheet, kept: list[int], summary: str) -> tuple[str, list[int]]:
    """Return the lead and the places of the rest: the lead that a selector found, or a first line alone in bold."""
    if summary:
        wanted = _squeezed(summary)
        while kept and _squeezed(sheet.lines[kept[0]]) in wanted:
            kept = kept[1:]
        return summary, kept
    lines = [sheet.lines[n] for n in kept[:2]]
    leads = len(lines) == 2 and len(lines[0]) >= _SENTENCE and lines[0] in sheet.strong and lines[1] not in sheet.strong
    return (lines[0], kept[1:]) if leads else ("", kept)


def _without_agency(lines: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Cut the agency's tag from the first sentence; a caption may stand above it."""
    for n, line in enumerate(lines[:3]):
        opening = split_agency(line)
        if opening.agency:
            return (*lines[:n], opening.text, *lines[n + 1 :]), opening.agency
    return lines, ""


def _credit(parts: Parts, signed: Credit, head: Credit, agency: str) -> Credit:
    author = labelled_credit(parts.author) or Credit(author=parts.author)
    return Credit(
        author.author or signed.author or head.author,
        signed.source or author.source or head.source or agency,
    )
