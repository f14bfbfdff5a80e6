"""Any number of simulated portals in a process of its own: those of the demo again and again, each with its own articles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from itertools import cycle, islice
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from pathlib import Path

from scraper.demo.article import DemoArticle
from scraper.demo.site import PORTALS_FILE, Site, load_sites
from scraper.demo.sites import DOMAIN, DemoSites, Seen


@dataclass(frozen=True)
class Crowd:
    """So many portals with so many articles each; the first are those of the demo under other names."""

    portals: int
    articles: int

    @cached_property
    def names(self) -> dict[str, str]:
        """The name of each portal, and of the portal of the demo that it is made of."""
        originals = [site.name for site in load_sites()]
        return {f"tinh-{n:03}": name for n, name in enumerate(islice(cycle(originals), self.portals))}

    def sites(self) -> dict[str, Site]:
        """Return the portals by name."""
        originals = {site.name: site for site in load_sites()}
        return {name: self._site(name, originals[original]) for name, original in self.names.items()}

    def _site(self, name: str, original: Site) -> Site:
        shown = [article for article in original.articles if not article.protected]
        copies = [_copy(name, shown[n % len(shown)], n // len(shown)) for n in range(self.articles)]
        newest_first = sorted(copies, key=lambda article: article.when, reverse=True)
        return replace(original, name=name, articles=tuple(newest_first))

    def prepare(self, data: Path, port: int, settings: str) -> None:
        """Write catalogue and settings that lead a crawl to these portals on a port."""
        (data / "portals").mkdir(parents=True)
        blocks = {name: _block(name) for name in set(self.names.values())}
        entries = (blocks[original].replace(original, name) for name, original in self.names.items())
        (data / "portals/crowd.toml").write_text("\n".join(entries), "utf-8")
        routes = f'routes = {{ "*.{DOMAIN}" = "127.0.0.1:{port}" }}'
        (data / "ansinh.toml").write_text(f"delay = 0.0\nfree_mb = 0\n{routes}\n{settings}\n", "utf-8")


def _copy(portal: str, article: DemoArticle, n: int) -> DemoArticle:
    """Return the n-th copy of an article: another id, title and day, the same text but for what it says of itself."""
    if not n:
        return replace(article, portal=portal)
    published = article.published - timedelta(days=41 * n)
    title = f"{article.title}, đợt {n + 1}"
    return replace(
        article,
        portal=portal,
        id=article.id + 100_000 * n,
        slug=f"{article.slug}-dot-{n + 1}",
        title=title,
        published=published,
        attachments=(),
        body=tuple(block._replace(image=block.image and f"{n}-{block.image}") for block in article.body),
    )


def _block(name: str) -> str:
    """Return the table of one portal of the demo, expecting any number of articles."""
    blocks = PORTALS_FILE.read_text("utf-8").split("[[portal]]")
    block = next(block for block in blocks if f'name = "{name}"' in block)
    return f"[[portal]]{re.sub(r'expects = .*', 'expects = { articles = [1, 4000], dated = 1.0 }', block)}"


@dataclass(frozen=True)
class Served:
    """Portals that are being served: their port, and what was asked of them."""

    port: int
    pipe: Connection

    def requests(self) -> Counter[str]:
        """Return how many requests each portal has answered since this was asked last."""
        self.pipe.send("requests")
        answered: Counter[str] = self.pipe.recv()
        return answered


@contextmanager
def serving(crowd: Crowd) -> Iterator[Served]:
    """Serve the portals on a free loopback port from another process."""
    ours, theirs = Pipe()
    process = Process(target=_serve, args=(crowd, theirs), daemon=True)
    process.start()
    try:
        yield Served(ours.recv(), ours)
    finally:
        process.terminate()
        process.join()


def _serve(crowd: Crowd, pipe: Connection) -> None:
    sites = DemoSites()
    sites.sites = crowd.sites()
    with sites:
        pipe.send(sites.port)
        while True:
            pipe.recv()
            asked: list[Seen] = sites.requests[:]
            del sites.requests[: len(asked)]
            pipe.send(Counter(seen.host.partition(".")[0] for seen in asked))
