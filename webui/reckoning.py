"""How a verdict was reckoned, in parts that a template tells in words: which rule, which figures, what came out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archive.enrich.claims.indicators import Better, load_indicators
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
    verdict, better = pledge.verdict, load_indicators()[pledge.target.indicator].better
    if verdict.answer is None:
        return Reckoning("none", pledge.target.value, better=better)
    return Reckoning(
        rule=_rule(pledge),
        aim=_aim(pledge, better),
        result=verdict.answer.statement.claim.value,
        baseline=verdict.baseline.claim.value if verdict.baseline else None,
        share=verdict.progress,
        better=better,
    )


def _rule(pledge: Pledge) -> Rule:
    if not pledge.target.value:
        return "zero"
    if pledge.verdict.baseline is not None:
        return "distance"
    return "level" if pledge.verdict.progress is None else "ratio"


def _aim(pledge: Pledge, better: Better) -> float:
    """Return the end of a target's range that decides: the upper one where less is better and no ratio is made."""
    target = pledge.target
    upper = better == "less" and pledge.verdict.progress is None and target.direction in ("level", "total")
    return target.value_max if upper and target.value_max is not None else target.value
