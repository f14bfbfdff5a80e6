"""What fault tests share: how often to try, the simulated portals, and what an undisturbed crawl of them gives."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.check import check
from archive.models import DataDir
from archive.store import Store
from scraper.demo.sites import PORTALS_FILE, DemoSites
from tests.faults.launch import ansinh

FULL = os.environ.get("ANSINH_FAULTS") == "full"
MANY = 60  # tries that a control has until its bug bites; most bite at the first
PORTALS = ("demo-nghi-loc", "demo-cau-giay")
# Seals, acknowledges and publishes all the time, so that a kill meets each of these.
RESTLESS = {"scraper.crawl.evidence.FLUSH_SECONDS": 0.05, "scraper.crawl.run.INDEX_SECONDS": 0.2}


@pytest.fixture(scope="session")
def times() -> Callable[[int, int], int]:
    """Return the first number in `make test`, the second in `make faults` (ANSINH_FAULTS=full)."""
    return lambda reduced, full: full if FULL else reduced


@pytest.fixture(scope="session")
def sites() -> Iterator[DemoSites]:
    with DemoSites() as running:
        yield running


@dataclass(frozen=True, slots=True)
class Crawled:
    """An undisturbed crawl: its data directory and what its articles say."""

    data: Path
    content: frozenset[str]


@pytest.fixture(scope="session")
def crawled(sites: DemoSites, tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    data = tmp_path_factory.mktemp("crawled") / "data"
    prepare(data, sites.port)
    done = ansinh(data, "crawl", *PORTALS, "--json")
    assert done.end() == 0, done.errors()
    return Crawled(data, content(data))


def prepare(data: Path, port: int, settings: str = "delay = 0.0\nfree_mb = 0") -> Path:
    """Make a data directory whose portals are the simulated ones."""
    (data / "portals").mkdir(parents=True)
    (data / "portals/demo.toml").write_bytes(PORTALS_FILE.read_bytes())
    (data / "ansinh.toml").write_text(f'{settings}\nroutes = {{ "*.mophong.test" = "127.0.0.1:{port}" }}\n')
    return data


def held(data: Path) -> frozenset[str]:
    """Return the ids of the articles in a database, none when there is no database yet."""
    if not DataDir(data).database.exists():
        return frozenset()
    with closing(Store(DataDir(data).database, read_only=True)) as store:
        return frozenset(store.article_ids())


def lost(data: Path, acknowledged: Iterable[str]) -> list[str]:
    """Return a sentence for each acknowledged article that the database does not hold."""
    wanted = set(acknowledged)
    return [f"{name} was acknowledged and is lost" for name in wanted - held(data)] if wanted else []


def content(data: Path) -> frozenset[str]:
    """Return what each article says and has attached; what depends on the hour of the crawl is left out."""
    with closing(Store(DataDir(data).database, read_only=True)) as store:
        articles = [store.get_entry(article_id).article for article_id in store.article_ids()]
    return frozenset(repr((a.url, a.title, a.published, a.text, *(f.sha256 for f in a.attachments))) for a in articles)


def complaints(data: Path) -> list[str]:
    """Return what `ansinh check` says."""
    return list(check(DataDir(data)))
