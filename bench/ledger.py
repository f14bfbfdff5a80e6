"""The ledger of 200,000 claims: computed from the stored claims, then read by filtered pages, one pledge, a place.

`python -m bench.ledger [claims]`. Wanted: computed in less than 30 s, any page in less than 100 ms.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

from archive.enrich.claims.indicators import Indicator, load_indicators
from archive.enrich.gazetteer import load_gazetteer
from archive.enrich.places import place_on
from archive.ingest import update_ledger
from archive.models import Article, Claim, DataDir, Enrichment, Host, Portal, Unit
from archive.pledges import PledgeRequest
from archive.search import open_archive
from archive.store import Store
from bench.figures import on_one_core, peak_mb, percentiles, timed

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
CLAIMS = 8  # of one article
REQUESTS = 200


def claim_of(chance: random.Random, n: int, indicator: Indicator, place: str, year: int) -> Claim:
    """A figure of an indicator: two targets to three results, one in ten of a part, some of half a year."""
    level = indicator.measure == "stock"
    part = "/Xã Tân An" if chance.random() < 0.1 else ""
    return Claim(
        id=f"CLAIM{n:07}", kind="target" if chance.random() < 0.4 else "result", indicator=indicator.id,
        value=float(chance.randrange(1, 40)), value_max=None, out_of=None, unit="hộ", comparator="=",
        direction="level" if level else "total", year=year,
        period="6 tháng đầu năm" if chance.random() < 0.15 else None, place=place + part, assigner=None,
        sub_population=None, plan_share=None, yoy=None, confidence=0.9, quote=f"{n} hộ nghèo trong năm", start=n % 3000,
        end=n % 3000 + 20,
    )  # fmt: skip


def articles(places: list[str]) -> Iterator[tuple[Article, Enrichment]]:
    """Articles about one district and one year, each with figures of two topics' indicators."""
    chance = random.Random(1)
    indicators = list(load_indicators().values())
    for number in range(COUNT // CLAIMS):
        place, year = chance.choice(places), chance.randrange(2012, 2026)
        shown = Article(
            portal=f"p{place}", key=str(number), url=f"http://p{place}.test/{number}", title=f"Tin số {number}",
            body=("Năm qua huyện giảm 40 hộ nghèo.",), kinds=("p",),
            published=f"{year}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}",
        )  # fmt: skip
        told = tuple(
            claim_of(chance, number * CLAIMS + n, chance.choice(indicators), place, year) for n in range(CLAIMS)
        )
        subject = place_on(place, None)
        facts = Enrichment(places=(subject,) if subject else (), topics=("giam-ngheo",), claims=told)
        yield shown, facts


def fill(store: Store, places: list[str]) -> None:
    """Store the portals and the articles, a thousand a transaction."""
    with store.transaction():
        for place in places:
            unit, host = Unit(place, "2012-01-01", "2025-06-30"), Host(f"p{place}.test")
            store.save_portal(Portal(f"p{place}", place, "nukeviet", (host,), "http://p.test/", units=(unit,)))
    made = articles(places)
    while batch := list(islice(made, 1000)):
        with store.transaction():
            for article, facts in batch:
                store.save_entry(article, facts, (), f"{str(article.published)[:10]}T00:00:00Z", "live")


def requests(places: list[str]) -> Iterator[PledgeRequest]:
    """Pages by every filter alone, by two, and by none; the first and the twentieth."""
    chance = random.Random(2)
    indicators = list(load_indicators())
    for number in range(REQUESTS):
        by = {
            "place": (chance.choice([chance.choice(places), "01", "79"]),),
            "year": (str(chance.randrange(2012, 2026)),),
            "indicator": (chance.choice(indicators),),
            "topic": (load_indicators()[chance.choice(indicators)].topic,),
            "verdict": (chance.choice(["kept", "partly", "not-reached", "interim", "no-report"]),),
        }
        chosen = chance.sample(sorted(by), number % 3)
        yield PledgeRequest({name: by[name] for name in chosen}, page=chance.choice([1, 20]))


def main() -> None:
    on_one_core()
    places = sorted(load_gazetteer().districts)
    with tempfile.TemporaryDirectory(prefix="ansinh-bench-") as folder:
        data = DataDir(Path(folder))
        with closing(Store(data.database)) as store:
            print(f"{COUNT:,} claims stored in {timed(lambda: fill(store, places)):.1f} s")
            print(f"ledger of {len(places)} places in {timed(lambda: update_ledger(store)):.1f} s")
            with store.transaction():
                store.ledger.unsettle()
            print(f"  and again in {timed(lambda: update_ledger(store)):.1f} s")
        with closing(open_archive(data)) as archive:
            asked = list(requests(places))
            pages = [timed(lambda request=request: archive.pledges(request)) for request in asked]  # type: ignore[misc]
            print(f"{archive.pledges(PledgeRequest()).total:,} pledges")
            print(f"filtered page          {percentiles(pages)}")
            worst = asked[max(range(len(asked)), key=lambda n: pages[n])]
            print(f"  the slowest: {dict(worst.filters)}, page {worst.page}")
            ids = [one.id for one in archive.pledges(replace(asked[0], limit=100)).pledges]
            print(
                f"one pledge             {percentiles([timed(lambda one=one: archive.get_pledge(one)) for one in ids])}"
            )  # type: ignore[misc]
            series = [timed(lambda place=place: archive.place_series(place)) for place in places[::7]]  # type: ignore[misc]
            print(f"the series of a place  {percentiles(series)}")
    print(f"peak memory {peak_mb():.0f} MB")


if __name__ == "__main__":
    main()
