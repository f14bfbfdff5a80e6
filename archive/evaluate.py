"""How well the rules read labelled articles: precision, recall and F1 of each kind of fact, with every miss. Pure but for
`read_labels`.

The conventions of labels and counts are those of the labelled set (gold/README.md): subjects by GSO code, documents by
number, claims by kind, value, family of units and overlapping quotes; places, years and claims of relevant articles alone.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

from archive.enrich.documents import document_key
from archive.models import ArchiveError, Claim, Enrichment, Json, Place
from archive.text import tone_key

A = TypeVar("A")
B = TypeVar("B")
GROUPINGS = ("text_kind", "level")
FIELDS = ("places", "years", "topics", "documents", "claims", "claims_known")
TOLERANCE = 0.005  # relative difference of two values that are the same figure
OTHER = "other"  # the indicator of a figure that has none
# Units that count the same sort of things; a unit in none of them may stand for the loose ones, never for people or money.
_FAMILIES = {
    "person": "người|lao động|lượt người|lượt lao động|lượt|đối tượng|lượt đối tượng|học viên|cụ|trẻ|trẻ em|em|cháu"
    "|nhân khẩu|khẩu|hội viên|nạn nhân|trường hợp",
    "household": "hộ|gia đình|hộ gia đình|lượt hộ",
    "house": "căn|nhà|căn nhà|ngôi nhà",
    "money": "đồng|đ|vnđ|vnd",
    "ratio": "%|phần trăm|điểm %|điểm phần trăm",
    "item": "suất|suất quà|phần quà|phần|xuất|thẻ|hồ sơ|sổ|sổ tiết kiệm|mộ|xe lăn",
    "event": "lớp|vụ|vụ việc|phiên|hội nghị|đợt|buổi",
    "organisation": "doanh nghiệp|cơ sở|xã|phường|thị trấn|thôn|quận|huyện|tổ dân phố|mô hình|câu lạc bộ",
}
_FAMILY = {unit: family for family, units in _FAMILIES.items() for unit in units.split("|")}
_LOOSE = frozenset(("item", "event", "organisation", OTHER))
_SYLLABLE = re.compile(r"[^\W_]+")


class Subject(NamedTuple):
    """A labelled place: GSO code of the district and its name, the commune; what is not known is empty."""

    code: str = ""
    name: str = ""
    commune: str = ""


@dataclass(frozen=True, slots=True)
class LabelledClaim:
    """A labelled figure; `quotes` are the passages that state it, an optional one is neither missed nor wrong."""

    kind: str
    indicator: str
    value: float | None
    unit: str
    quotes: tuple[str, ...]
    optional: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A labelled article: what is given to the rules, and what a person read in it."""

    id: str
    title: str
    text: str
    published: str | None
    url: str
    relevant: bool
    places: tuple[Subject, ...]
    years: tuple[int, ...]
    topics: tuple[str, ...]
    documents: tuple[str, ...]
    claims: tuple[LabelledClaim, ...]
    claims_complete: bool
    groups: Mapping[str, str]


class Miss(NamedTuple):
    """One difference: what the label says (empty for a false alarm), what was found (empty for a miss), where."""

    id: str
    field: str
    expected: str
    found: str
    quote: str


@dataclass(slots=True)
class Figures:
    """Counts of one kind of fact; a share of nothing is 1."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Return the share of what was found that is right."""
        return _share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Return the share of what is labelled that was found."""
        return _share(self.right, self.right + self.missed)

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall, 0 when both are."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def add(self, right: int, wrong: int, missed: int) -> None:
        """Add the counts of one article."""
        self.right, self.wrong, self.missed = self.right + right, self.wrong + wrong, self.missed + missed


@dataclass(slots=True)
class Evaluation:
    """Figures of a group of articles, how many of them were rightly taken for relevant or not, and every miss."""

    records: int = 0
    relevance: int = 0
    figures: dict[str, Figures] = field(default_factory=lambda: {name: Figures() for name in FIELDS})
    misses: list[Miss] = field(default_factory=list)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


# --- labels --------------------------------------------------------------------------------------------------


def read_labels(path: Path) -> Iterator[Label]:
    """Yield the labelled articles of a file of JSON lines; raise ArchiveError naming file and line."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _read_label(path, number, line)


def _read_label(path: Path, number: int, line: str) -> Label:
    try:
        return _label(json.loads(unicodedata.normalize("NFC", line)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArchiveError(f"{path}, line {number}: not a labelled article ({error!r})") from error


def _label(row: Json) -> Label:
    return Label(
        id=str(row["id"]),
        title=row.get("title") or "",
        text=row["text"],
        published=row.get("published"),
        url=row.get("url") or "",
        relevant=bool(row["relevant"]),
        places=tuple(_subject(place) for place in row["places"] if place.get("role", "subject") == "subject"),
        years=tuple(map(int, row["years"])),
        topics=tuple(row["topics"]),
        documents=tuple(str(document["number"]) for document in row["documents"]),
        claims=tuple(map(_claim, row["claims"])),
        claims_complete=bool(row.get("claims_complete", True)),
        groups={name: str(row.get(name)) for name in GROUPINGS},
    )


def _subject(place: Json) -> Subject:
    return Subject(place.get("code") or place.get("gso") or "", place.get("name") or "", place.get("commune") or "")


def _claim(row: Json) -> LabelledClaim:
    quotes = (row["quote"], *row.get("also", ()))
    return LabelledClaim(
        row["kind"], row["indicator"], row["value"], row["unit"], quotes, bool(row.get("optional", False))
    )


# --- comparison ----------------------------------------------------------------------------------------------


def evaluate(
    labels: Iterable[Label], read: Callable[[Label], Enrichment], by: Literal["text_kind", "level"] = "text_kind"
) -> dict[str, Evaluation]:
    """Return the evaluation of all articles ("all") and of each group; `read` gives what the rules make of a label."""
    groups = {"all": Evaluation()}
    for label in labels:
        found = read(label)
        for name in ("all", label.groups[by]):
            _add(groups.setdefault(name, Evaluation()), label, found)
    return groups


def _add(evaluation: Evaluation, label: Label, found: Enrichment) -> None:
    evaluation.records += 1
    evaluation.relevance += bool(found.topics) == label.relevant
    documents = {document_key(document.number): document.number for document in found.documents}
    _add_set(evaluation, "topics", label, dict.fromkeys(label.topics), dict.fromkeys(found.topics), found)
    labelled = {document_key(number): number for number in label.documents}
    _add_set(evaluation, "documents", label, labelled, documents, found)
    if not label.relevant:
        return
    years = dict.fromkeys(map(str, label.years)), dict.fromkeys(map(str, found.years))
    _add_set(evaluation, "years", label, *years, found)
    _add_places(evaluation, label, found)
    if label.claims_complete:
        _add_claims(evaluation, label, found.claims)


def _add_set(
    evaluation: Evaluation,
    name: str,
    label: Label,
    expected: Mapping[str, str | None],
    got: Mapping[str, str | None],
    found: Enrichment,
) -> None:
    """Count facts that are equal by their keys; a value is how the fact is printed, None for the key itself."""
    missed, wrong = sorted(expected.keys() - got.keys()), sorted(got.keys() - expected.keys())
    evaluation.figures[name].add(len(expected.keys() & got.keys()), len(wrong), len(missed))
    evaluation.misses += [Miss(label.id, name, expected[key] or key, "", "") for key in missed]
    printed = [got[key] or key for key in wrong]
    evaluation.misses += [Miss(label.id, name, "", one, _quote(found, name, one)) for one in printed]


def _quote(found: Enrichment, name: str, value: str) -> str:
    known = (evidence.quote for evidence in found.evidence if evidence.field == name and evidence.value == value)
    return next(known, "")


def _add_places(evaluation: Evaluation, label: Label, found: Enrichment) -> None:
    places = [place for place in found.places if place.role == "subject"]
    pairs = _pair(label.places, places, _is_same_place)
    missed = [place for i, place in enumerate(label.places) if i not in pairs]
    wrong = [place for j, place in enumerate(places) if j not in pairs.values()]
    evaluation.figures["places"].add(len(pairs), len(wrong), len(missed))
    evaluation.misses += [Miss(label.id, "places", place.name or place.commune, "", "") for place in missed]
    evaluation.misses += [
        Miss(label.id, "places", "", place.name, _quote(found, "places", place.id)) for place in wrong
    ]


def _is_same_place(subject: Subject, place: Place) -> bool:
    if subject.code and place.gso:
        return subject.code == place.gso
    if subject.name:
        return _name_key(subject.name) == _name_key(place.name)
    return _name_key(subject.commune) in {_name_key(place.commune or ""), _name_key(place.name)} - {""}


def _name_key(name: str) -> str:
    return " ".join(map(tone_key, _SYLLABLE.findall(name)))


def _pair(left: Sequence[A], right: Sequence[B], fits: Callable[[A, B], bool]) -> dict[int, int]:
    """Return a largest one-to-one matching {left: right}, where an earlier one of the left gives way to no later one."""
    edges = [[j for j, b in enumerate(right) if fits(a, b)] for a in left]
    owners: dict[int, int] = {}
    for i in range(len(left)):
        _match(i, edges, owners, set())
    return {i: j for j, i in owners.items()}


def _match(i: int, edges: Sequence[Sequence[int]], owners: dict[int, int], tried: set[int]) -> bool:
    for j in edges[i]:
        if j in tried:
            continue
        tried.add(j)
        if j not in owners or _match(owners[j], edges, owners, tried):
            owners[j] = i
            return True
    return False


class _Labelled(NamedTuple):
    claim: LabelledClaim
    spans: tuple[tuple[int, int], ...]


def _add_claims(evaluation: Evaluation, label: Label, claims: Sequence[Claim]) -> None:
    """Count claims one to one; a repeat of a labelled claim and an optional one are neither right nor wrong."""
    ordered = sorted(label.claims, key=lambda claim: claim.optional)  # what is needed is matched first
    labelled = [_Labelled(claim, _spans(claim, label)) for claim in ordered]
    pairs = _pair(labelled, claims, _is_same_claim)
    needed = [(i, claim) for i, claim in enumerate(ordered) if not claim.optional]
    wrong = [claim for claim in claims if not any(_is_same_claim(one, claim) for one in labelled)]
    missed = [claim for i, claim in needed if i not in pairs]
    known = [i for i, claim in needed if claim.indicator != OTHER]
    hits = sum(i in pairs for i in known)
    evaluation.figures["claims"].add(len(needed) - len(missed), len(wrong), len(missed))
    evaluation.figures["claims_known"].add(hits, len(wrong), len(known) - hits)
    evaluation.misses += [Miss(label.id, "claims", _claim_line(claim), "", claim.quotes[0]) for claim in missed]
    evaluation.misses += [Miss(label.id, "claims", "", _claim_line(claim), claim.quote) for claim in wrong]


def _spans(claim: LabelledClaim, label: Label) -> tuple[tuple[int, int], ...]:
    """Return where the passages of a labelled claim stand in the text, each as often as it does."""
    return tuple(
        (match.start(), match.end()) for quote in claim.quotes for match in re.finditer(re.escape(quote), label.text)
    )


def _is_same_claim(labelled: _Labelled, claim: Claim) -> bool:
    expected = labelled.claim
    return (
        expected.kind == claim.kind
        and _is_same_value(expected.value, claim.value)
        and _is_same_unit(expected.unit, claim.unit)
        and any(start < claim.end and claim.start < end for start, end in labelled.spans)
    )


def _is_same_value(expected: float | None, value: float | None) -> bool:
    if expected is None or value is None:
        return expected is value
    return abs(expected - value) <= TOLERANCE * max(abs(expected), abs(value))


def _is_same_unit(expected: str, unit: str) -> bool:
    first, second = (_FAMILY.get(one.lower().strip(), OTHER) for one in (expected, unit))
    return first == second or (OTHER in (first, second) and {first, second} <= _LOOSE)


def _claim_line(claim: LabelledClaim | Claim) -> str:
    return f"{claim.kind} {claim.indicator} {claim.value} {claim.unit}"


# --- report --------------------------------------------------------------------------------------------------


def evaluation_json(groups: Mapping[str, Evaluation], errors: bool) -> Json:
    """Return the figures of each group, and with `errors` every miss of all articles."""
    report: Json = {name: _figures_json(group) for name, group in groups.items()}
    return {**report, "misses": [miss._asdict() for miss in groups["all"].misses]} if errors else report


def _figures_json(group: Evaluation) -> Json:
    figures = {
        name: {
            "right": one.right, "wrong": one.wrong, "missed": one.missed,
            "p": round(one.precision, 4), "r": round(one.recall, 4), "f1": round(one.f1, 4),
        }
        for name, one in group.figures.items()
    }  # fmt: skip
    return {"records": group.records, "relevance": round(_share(group.relevance, group.records), 4), **figures}


def evaluation_lines(groups: Mapping[str, Evaluation], errors: bool) -> Iterator[str]:
    """Yield the lines of a table for each group, and with `errors` every miss (-) and false alarm (+)."""
    for name, group in groups.items():
        yield f"{name}: {group.records} articles, relevance {_share(group.relevance, group.records):.3f}"
        yield f"  {'':14}{'right':>7}{'wrong':>7}{'missed':>7}{'P':>8}{'R':>8}{'F1':>8}"
        for field_name, one in group.figures.items():
            counts = f"{one.right:>7}{one.wrong:>7}{one.missed:>7}"
            yield f"  {field_name:14}{counts}{one.precision:>8.3f}{one.recall:>8.3f}{one.f1:>8.3f}"
    for miss in groups["all"].misses if errors else ():
        yield f"{'-' if miss.expected else '+'} {miss.id}  {miss.field}  {miss.expected or miss.found}  {miss.quote}"
