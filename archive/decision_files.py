"""corrections.toml and takedowns.toml as text: read and checked, and the entries that are added to them. Pure.

The files are the operators' own (design section 3): an entry is added at the end, nothing of theirs is rewritten.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NoReturn
from urllib.parse import urlsplit

from archive.decisions import (
    CLAIM,
    CONFIRM,
    DAY_FIELDS,
    FACT_FIELDS,
    PAGE_FIELDS,
    REJECT,
    Correction,
    Takedown,
    Value,
    read_change,
)
from archive.models import TOPICS, ArchiveError
from archive.pledges import PART
from archive.text import clean_line

SENSITIVE = ("minor", "victim", "rehab", "id-number", "list-of-persons")

_MAY_BE_EMPTY = ("summary", "section", "author", "source", *DAY_FIELDS)
_ID = re.compile(r"[A-Z2-7]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d\+07:00)?", re.ASCII)


class BadDecision(ArchiveError):
    """An entry that cannot be applied; the message names the file, the entry's number, and what to write instead."""


def parse_takedowns(text: str, where: str) -> tuple[Takedown, ...]:
    """Return the takedowns of a file's text; raise BadDecision, calling the file `where`."""
    return tuple(map(_takedown, _entries(text, where, "takedown")))


def parse_corrections(
    text: str, where: str, is_place: Callable[[str], bool], is_indicator: Callable[[str], bool] = bool
) -> tuple[Correction, ...]:
    """Return the corrections of a file's text; raise BadDecision, calling the file `where`."""
    return tuple(_correction(entry, is_place, is_indicator) for entry in _entries(text, where, "correction"))


@dataclass(frozen=True, slots=True)
class _Entry:
    """One table of a file; every method raises BadDecision on what it cannot use."""

    where: str
    said: Mapping[str, Any]

    def refuse(self, what: str) -> NoReturn:
        raise BadDecision(f"{self.where}: {what}")

    def allow(self, *names: str) -> None:
        for name in self.said:
            if name not in names:
                self.refuse(f"{name!r} is not known; an entry has {', '.join(names)}")

    def text(self, name: str, default: str | None = None) -> str:
        value = self.said.get(name, default)
        if not isinstance(value, str) or (default is None and not clean_line(value)):
            self.refuse(f'{name} is missing or no text; write {name} = "…"')
        return clean_line(value)

    def id(self, name: str) -> str:
        value = self.text(name).upper()
        if not _ID.fullmatch(value):
            self.refuse(f"{name} = {value!r} is no id; ids are the 12 letters and digits that `ansinh show` prints")
        return value

    def day(self) -> str:
        written = _iso(self.said.get("date"))
        if written is None or len(written) != 10:
            self.refuse("date is missing or no day; write date = 2026-01-31")
        return written


def _entries(text: str, where: str, kind: str) -> Iterator[_Entry]:
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadDecision(f"{where}: cannot be read as TOML: {error}; mend it by hand") from error
    tables = said.get(kind, [])
    if set(said) - {kind} or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise BadDecision(f"{where}: holds something else than entries; each begins with [[{kind}]]")
    for number, table in enumerate(tables, start=1):
        yield _Entry(f"{where}, {kind} {number}", table)


def _takedown(entry: _Entry) -> Takedown:
    entry.allow("article", "span", "capture", "url_prefix", "reason", "date", "by")
    targets = [name for name in ("article", "capture", "url_prefix") if name in entry.said]
    if len(targets) != 1:
        entry.refuse("names not exactly one of article, capture and url_prefix; make one entry for each")
    if "span" in entry.said and targets != ["article"]:
        entry.refuse("has a span without an article; add article = the id of the article that the span stands in")
    return Takedown(
        reason=entry.text("reason"),
        date=entry.day(),
        by=entry.text("by", ""),
        article=entry.id("article") if "article" in targets else None,
        span=entry.text("span") if "span" in entry.said else None,
        capture=entry.id("capture") if "capture" in targets else None,
        url_prefix=_prefix(entry) if "url_prefix" in targets else None,
    )


def _prefix(entry: _Entry) -> str:
    prefix = entry.text("url_prefix")
    try:
        parts = urlsplit(prefix)
    except ValueError:
        parts = urlsplit("")
    if not (parts.scheme in ("http", "https") and parts.netloc) and not (parts.scheme == "urn" and parts.path):
        entry.refuse(f"url_prefix = {prefix!r} is no beginning of a URL; write it with its scheme and host")
    return prefix


def _correction(entry: _Entry, is_place: Callable[[str], bool], is_indicator: Callable[[str], bool]) -> Correction:
    entry.allow("article", "version", "field", "value", "reason", "date", "by")
    field, version = entry.text("field"), entry.text("version").lower()
    if field not in PAGE_FIELDS + FACT_FIELDS and not is_claim(field.removeprefix(CLAIM)):
        entry.refuse(f"{field!r} cannot be corrected; fields: {', '.join(PAGE_FIELDS + FACT_FIELDS)}, {CLAIM}<id>")
    if not _SHA256.fullmatch(version):
        entry.refuse("version is no SHA-256; copy that of the latest version from `ansinh show ID --json`")
    return Correction(
        article=entry.id("article"),
        version=version,
        field=field,
        value=_value(entry, field, is_place, is_indicator),
        reason=entry.text("reason"),
        date=entry.day(),
        by=entry.text("by", ""),
    )


def is_claim(field: str) -> bool:
    """Say whether a field, as a person names it, is the id of a claim."""
    return _ID.fullmatch(field.upper()) is not None


def _value(entry: _Entry, field: str, is_place: Callable[[str], bool], is_indicator: Callable[[str], bool]) -> Value:
    if field.startswith(CLAIM):
        return _verdict_on_claim(entry, is_place, is_indicator)
    return _list(entry, field, is_place) if field in FACT_FIELDS else _text(entry, field)


def _verdict_on_claim(entry: _Entry, is_place: Callable[[str], bool], is_indicator: Callable[[str], bool]) -> Value:
    said = entry.said.get("value")
    if isinstance(said, str) and said in (CONFIRM, REJECT):
        return said
    if not isinstance(said, list) or not said or not all(isinstance(value, str) for value in said):
        entry.refuse(
            f'a claim is decided by "{CONFIRM}", "{REJECT}", or changes, as in value = ["year=2020", "unit=hộ"]'
        )
    for written in said:
        try:
            name, value = read_change(written)
        except ValueError as error:
            entry.refuse(str(error))
        if (name == "indicator" and not is_indicator(value)) or (
            name == "place" and value and not is_place(value.partition(PART)[0])
        ):
            entry.refuse(f"{value!r} is no {name} that is known")
    return tuple(map(clean_line, said))


def _text(entry: _Entry, field: str) -> str:
    said = entry.said.get("value")
    value = _iso(said) if field in DAY_FIELDS else said
    if not isinstance(value, str) or not (clean_line(value) or field in _MAY_BE_EMPTY):
        form = "2026-01-31 or 2026-01-31T08:00:00+07:00" if field in DAY_FIELDS else '"…"'
        entry.refuse(f"{said!r} is no value of {field}; write value = {form}")
    return clean_line(value)


def _iso(said: Any) -> str | None:
    """Return a day, or a time of Hà Nội, as ISO 8601; empty text as it is; None for anything else."""
    written = said.isoformat() if isinstance(said, date) else said
    if written == "":
        return ""
    if not isinstance(written, str) or not _MOMENT.fullmatch(written):
        return None
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return None
    return written


def _list(entry: _Entry, field: str, is_place: Callable[[str], bool]) -> tuple[str, ...]:
    said = entry.said.get("value")
    kinds = (int, str) if field == "years" else (str,)
    if not isinstance(said, list) or not all(type(value) in kinds for value in said):
        entry.refuse(f'value of {field} is a list; write value = ["…", "…"], or [] for none')
    values = tuple(dict.fromkeys(clean_line(str(value)) for value in said))
    for value in values:
        if not _is_value(field, value, is_place):
            entry.refuse(f"{value!r} is no value of {field}; {_VALUES[field]}")
    return values


def _is_value(field: str, value: str, is_place: Callable[[str], bool]) -> bool:
    match field:
        case "places":
            return is_place(value)
        case "years":
            return re.fullmatch(r"(?:19|20)\d\d", value, re.ASCII) is not None
        case "topics":
            return value in TOPICS
        case "sensitive":
            return value in SENSITIVE
    return bool(value)


_VALUES = {
    "places": "write the codes of units, as in 004 (`ansinh search … --json` shows them as places)",
    "years": "write years, as in 2020",
    "topics": f"topics: {', '.join(TOPICS)}",
    "documents": "write the number as printed, as in 06/KH-UBND",
    "claims": "write the ids of those claims that are right",
    "sensitive": f"one of {', '.join(SENSITIVE)}",
}


def value_of(field: str, *written: str) -> Value:
    """Return the value that a person typed for a field: the values of a list are parted by commas.

    Changes of a claim are typed one by one: their values may hold commas.
    """
    if field.startswith(CLAIM) and written[0] not in (CONFIRM, REJECT):
        return tuple(map(clean_line, written))
    return _list_of(field, " ".join(written))


def _list_of(field: str, written: str) -> Value:
    if field not in FACT_FIELDS:
        return clean_line(written)
    return tuple(value for part in written.split(",") if (value := clean_line(part)))


# --- writing -------------------------------------------------------------------------------------------------


def takedown_toml(one: Takedown) -> str:
    """Return the entry that is added at the end of takedowns.toml for a takedown."""
    target = {"article": one.article, "span": one.span, "capture": one.capture, "url_prefix": one.url_prefix}
    return _table("takedown", {**target, **_decided(one)})


def correction_toml(one: Correction) -> str:
    """Return the entry that is added at the end of corrections.toml for a correction."""
    numbers = one.field == "years"
    value = one.value if isinstance(one.value, str) else [_Bare(v) if numbers else v for v in one.value]
    said = {"article": one.article, "version": one.version, "field": one.field, "value": value}
    return _table("correction", {**said, **_decided(one)})


def _decided(one: Takedown | Correction) -> Mapping[str, str | None]:
    return {"reason": one.reason, "date": _Bare(one.date), "by": one.by or None}


class _Bare(str):
    """Digits that stand in TOML without quotes: a year, a day."""

    __slots__ = ()


def _table(kind: str, said: Mapping[str, Any]) -> str:
    rows = (f"{name} = {_toml(value)}\n" for name, value in said.items() if value is not None)
    return f"\n[[{kind}]]\n{''.join(rows)}"


def _toml(value: str | list[str]) -> str:
    """Return the value as TOML writes it: JSON's strings are TOML's, but DEL may not stand in one (TOML 1.0)."""
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return value if isinstance(value, _Bare) else json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
