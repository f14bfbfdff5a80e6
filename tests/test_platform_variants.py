"""Pages of every family in many arrangements: markup of the family, page around it, way the body was typed."""

from __future__ import annotations

from itertools import groupby
from zlib import crc32

import pytest

from archive.models import Host, Portal
from scraper.demo.article import DemoArticle
from scraper.platforms import get_platform, platform_names
from tests.variant_pages import HOME, Outcome, Variant, articles, compare, lists, read, render, render_list, variants

ARTICLES = articles()
MARKUPS = {
    f"{family}/{markup}": tuple(group)
    for (family, markup), group in groupby(variants(), key=lambda variant: variant[:2])
}
FRAMES = tuple(dict.fromkeys(variant.frame for variant in variants()))
LISTED = 6
ALL_RIGHT = Outcome(title=True, date=True, lines=True, files=True)


def chosen(variant: Variant) -> DemoArticle:
    """Return another article for each variant, the same one in every run."""
    return ARTICLES[crc32("/".join(variant).encode()) % len(ARTICLES)]


@pytest.mark.parametrize("markup", MARKUPS)
def test_an_article_comes_out_of_every_arrangement_as_it_went_in(markup: str) -> None:
    wrong = {}
    for variant in MARKUPS[markup]:
        page, wanted = render(variant, chosen(variant))
        outcome = compare(read(page, variant.family), wanted)
        if outcome != ALL_RIGHT:
            wrong[variant] = outcome
    assert wrong == {}


@pytest.mark.parametrize("markup", MARKUPS)
def test_the_page_of_an_article_is_told_from_a_list(markup: str) -> None:
    for variant in MARKUPS[markup]:
        page, _ = render(variant, chosen(variant))
        portal = Portal("x", "X", variant.family, (Host("anphu.gov.vn"),), f"{HOME}/")
        assert get_platform(variant.family).is_article(page, portal), variant


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("name", lists())
def test_a_list_names_and_dates_each_of_its_articles_once(name: str, frame: str) -> None:
    family = name.partition(".")[0]
    platform, portal = get_platform(family), Portal("x", "X", family, (Host("anphu.gov.vn"),), f"{HOME}/")
    beside = ARTICLES[-1]
    for start in range(0, 2 * LISTED, LISTED):
        page, wanted = render_list(name, frame, ARTICLES[start : start + LISTED], beside)
        expected = [(platform.article_key(hint.url), hint.title, hint.published) for hint in wanted]
        hints = [hint for hint in platform.parse_listing(page, portal).hints if beside.title not in (hint.title or "")]
        assert [(platform.article_key(hint.url), hint.title, hint.published) for hint in hints] == expected


def test_every_family_has_three_markups_and_a_list() -> None:
    families = set(platform_names()) - {"text"}
    assert {family for family in families if sum(name.startswith(f"{family}/") for name in MARKUPS) < 2} == set()
    assert {name.partition(".")[0] for name in lists()} == families
