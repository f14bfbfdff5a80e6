"""How a verdict was reckoned, in parts that a template tells in words: which rule, which figures, what came out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archive.enrich.claims.indicators import Better, load_indicators
from archive.ledger import bound_of
from archive.pledges import Pledge

Rule = Literal["ratio", "distance", "zero", "level", "none"]


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The rule of design section 9 that gave a verdict, with its figures.

    `rule`: a ratio to the target, the distance gone from a baseline, a target of zero, a level that is met or not, or
    none, where nothing was reported. `aim` is the end of a range that decides; `share` counts from 0 to 1 and above.
    """

    rule: Rule
    aim: float
    result: float | None = None
    baseline: float | None = None
    share: float | None = None
    better: Better = "neutral"


def reckoned(pledge: Pledge) -> Reckoning:
    """Return how the verdict on a pledge was reckoned."""
    verdict, target = pledge.verdict, pledge.target
    indicator = load_indicators()[target.indicator]
    if verdict.answer is None:
        return Reckoning("none", target.value, better=indicator.better)
    return Reckoning(
        rule=_rule(pledge),
        aim=bound_of(target, indicator) if verdict.progress is None else target.value,
        result=verdict.answer.statement.claim.value,
        baseline=verdict.baseline.claim.value if verdict.baseline else None,
        share=verdict.progress,
        better=indicator.better,
    )


def _rule(pledge: Pledge) -> Rule:
    if not pledge.target.value:
        return "zero"
    if pledge.verdict.baseline is not None:
        return "distance"
    return "level" if pledge.verdict.progress is None else "ratio"
