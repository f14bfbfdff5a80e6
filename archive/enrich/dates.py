"""Days as Vietnamese pages print them: 29/8/2021, 13.4, ngày 10 tháng 12 năm 2024; and the date line of a page."""

from __future__ import annotations

import datetime
import re

# Day and month with or without a year; the separators of one date are equal.
DAY = (
    r"(?P<d>\d{1,2})(?:(?P<sep>[/.-])(?P<m>\d{1,2})(?:(?P=sep)(?P<y>(?:19|20)\d\d))?(?![\d/])"
    r"|\s[Tt]háng\s(?P<m2>\d{1,2})(?:(?:,?\s[Nn]ăm\s|,\s|\s)(?P<y2>(?:19|20)\d\d))?(?!\d))"
)
_DAY = re.compile(rf"(?<![\d/.,-]){DAY}")
# A day or a month right before a year: "27/7/", "tháng 11/", "ngày 10 tháng 12 năm ".
_BEFORE_YEAR = re.compile(r"\d{1,2}(?:\s?[/.-]\s?\d{1,2})?\s?[/.-]\s?$|\d{1,2},? [Tt]háng \d{1,2},?(?: năm)? $")
# A line of date, time and counters alone: "Ngày đăng 17/02/2021 | 09:04 | Lượt xem: 228", "Thứ tư, 12/07/2023".
_FURNITURE = re.compile(
    r"ngày đăng|đăng ngày|cập nhật|lượt xem|chủ nhật|thứ (?:hai|ba|tư|năm|sáu|bảy)|ngày|tháng|năm|lúc|giờ|gmt|[\W\d]",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d{1,2}[:h]\d{2}(?::\d{2})?[\s,|-]{0,3}$")
_LINES = 8  # the date line stands in the first lines of a page


def read_day(match: re.Match[str], year: int | None) -> str | None:
    """Return the day of a match of DAY as YYYY-MM-DD; `year` fills in a missing one; None for no real day."""
    written = match["y"] or match["y2"]
    number = int(written) if written else year
    if number is None:
        return None
    try:
        return datetime.date(number, int(match["m"] or match["m2"]), int(match["d"])).isoformat()
    except ValueError:
        return None


def ends_in_day(before: str) -> str | None:
    """Return the text before a date whose day or month ends the text and whose year comes next; None without one."""
    match = _BEFORE_YEAR.search(before, max(0, len(before) - 24))
    return before[: match.start()] if match else None


def is_date_line(line: str) -> bool:
    """Say whether a line of a page holds nothing but its date, its time and its counters."""
    return any(char.isdigit() for char in line) and len(line) < 90 and not _FURNITURE.sub("", line)


def is_clocked(before: str) -> bool:
    """Say whether a date comes right after a time of day, as the page prints its own: "(21:20 09/01/2020)"."""
    return _CLOCK.search(before[-12:]) is not None


def find_date_line(text: str) -> str | None:
    """Return the day the page itself says it was published, from a date line or a clocked date near its beginning."""
    for line in text[:2000].split("\n", _LINES)[:_LINES]:
        if not any(char.isdigit() for char in line):
            continue
        for match in _DAY.finditer(line[:400]):
            if (match["y"] or match["y2"]) and (is_date_line(line) or is_clocked(line[: match.start()])):
                return read_day(match, None)
    return None
