"""A text that stands at many addresses of a portal is no version of an article that has a text of its own."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from archive.ingest import keep_file
from archive.models import DataDir, Json, Portal
from archive.store.repeats import MOST
from tests.pages import article_page, url
from tests.test_ingest import Bench, captured

ONE_PAGE = article_page(title="Cổng thông tin đang được nâng cấp", body=["Mời quý vị quay lại sau."])


def own(number: int) -> tuple[str, bytes]:
    return url(number), article_page(title=f"Huyện Gia Viễn giảm nghèo, bài {number}")


def made_of(data: Path, portal: Portal, files: tuple[Path, ...]) -> tuple[list[str], list[Json]]:
    """Import files in this order; return the lines of an export, and what they say."""
    bench = Bench(DataDir(data), portal)
    for path in files:
        bench.read(keep_file(bench.data, path, "warc", None))
    lines = bench.lines()
    bench.store.close()
    return lines, [json.loads(line) for line in lines]


def status(article: Json) -> tuple[Any, Any]:
    (known,) = (one["rule"] for one in article["evidence"] if one["field"] == "status")
    return article["status"], known


def test_held_articles_keep_their_text_when_every_address_answers_with_one_page(tmp_path: Path, portal: Portal) -> None:
    numbers = range(1, MOST + 2)
    before = captured(tmp_path, "2022-01-13", [own(n) for n in numbers])
    after = captured(tmp_path, "2022-01-14", [(url(n), ONE_PAGE) for n in numbers])
    back = captured(tmp_path, "2022-01-15", [own(1)])
    made = []
    for order in permutations((before, after, back)):
        lines, articles = made_of(tmp_path / "-".join(path.parent.name for path in order), portal, order)
        made.append(sorted(lines))
        assert {article["title"][:17] for article in articles} == {"Huyện Gia Viễn gi"}
        assert {len(article["versions"]) for article in articles} == {1}
        assert {len(article["captures"]) for article in articles} == {2, 3}  # all of it is evidence
        found = {article["url"]: status(article) for article in articles}
        assert found.pop(url(1)) == ("unknown", "status.seen")
        assert set(found.values()) == {("gone", "status.soft-404")}
    assert made == [made[0]] * len(made)


def test_a_text_at_few_addresses_is_a_version_like_any_other(tmp_path: Path, portal: Portal) -> None:
    numbers = range(1, MOST + 1)
    before = captured(tmp_path, "2022-01-13", [own(n) for n in numbers])
    after = captured(tmp_path, "2022-01-14", [(url(n), ONE_PAGE) for n in numbers])
    _, articles = made_of(tmp_path / "data", portal, (before, after))
    assert {len(article["versions"]) for article in articles} == {2}
    assert {status(article) for article in articles} == {("unknown", "status.seen")}


@pytest.mark.parametrize("number", [MOST, MOST + 1, MOST + 5])
def test_reposts_that_never_said_anything_else_stay_articles(tmp_path: Path, portal: Portal, number: int) -> None:
    posts = captured(tmp_path, "2022-01-13", [(url(n), article_page()) for n in range(number)])
    _, articles = made_of(tmp_path / "data", portal, (posts,))
    assert [len(article["same_as"]) for article in articles] == [number - 1] * number
