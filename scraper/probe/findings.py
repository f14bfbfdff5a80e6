"""What a look at a portal showed, held against its entry in the catalogue, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from archive.enrich.gazetteer import load_gazetteer
from archive.models import Article, Page, Portal, Reading
from scraper.crawl.signs import stranger
from scraper.platforms import get_platform


@dataclass(frozen=True, slots=True)
class Visit:
    """One address that was asked for, and what came of it.

    `name` is that of a section. `page` is the answer, after redirects within the portal, and `reading` what it says;
    `failure` tells why there is no page, or why it could not be read.
    """

    what: Literal["home", "listing", "article"]
    url: str
    name: str = ""
    page: Page | None = None
    reading: Reading = field(default_factory=Reading)
    failure: str = ""

    @property
    def is_shown(self) -> bool:
        """Say whether a page came that a reader would see."""
        return self.page is not None and self.page.status == 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, what was seen in words, and whether it is as the entry says."""

    what: str
    url: str
    said: str
    is_right: bool = True


def find(portal: Portal, visits: Sequence[Visit]) -> tuple[Finding, ...]:
    """Return what the visits showed, in the order of looking; the first visit is the home page's."""
    listings = [visit for visit in visits if visit.what == "listing"]
    return (
        *_units(portal),
        _home(visits[0]),
        *_platform(portal, [visit.page for visit in visits if visit.page is not None and visit.is_shown]),
        *map(_listing, listings),
        *_nothing_listed(visits),
        *_article(portal, [visit for visit in visits if visit.what == "article"], visits),
    )


def _units(portal: Portal) -> Iterator[Finding]:
    gazetteer = load_gazetteer()
    for unit in portal.units:
        if gazetteer.find_district(unit.place, None) is None and unit.place not in gazetteer.communes:
            yield Finding("units", "", f"the gazetteer has no place {unit.place!r}", is_right=False)


def _home(visit: Visit) -> Finding:
    if visit.page is None:
        return Finding("home", visit.url, visit.failure, is_right=False)
    linked = f", links {len(visit.reading.hints)} articles" if visit.reading.hints else ""
    return Finding("home", visit.page.url, _answer(visit.page) + linked, visit.is_shown)


def _answer(page: Page) -> str:
    return f"HTTP {page.status}, {len(page.body) / 1000:.1f} kB"


def _platform(portal: Portal, pages: Sequence[Page]) -> Iterator[Finding]:
    """Yield whose marks the pages bear, if any page came at all."""
    if not pages:
        return
    url, own, other = pages[0].url, portal.platform, stranger(pages, portal)
    if any(map(get_platform(own).fingerprint, pages)):
        yield Finding("platform", url, f"bears the marks of {own}, as its entry says")
    elif other:
        yield Finding("platform", url, f"bears the marks of {other}; its entry says {own}", is_right=False)
    else:
        said = f"bears no platform's marks; its entry says {own}"
        yield Finding("platform", url, said, is_right=own == "generic")


def _listing(visit: Visit) -> Finding:
    """Return what a section lists; what has no name (a sitemap, the home page) is looked at besides."""
    what = visit.name or "listing"
    if not visit.is_shown:
        failure = visit.failure or (_answer(visit.page) if visit.page else "")
        return Finding(what, visit.url, failure, is_right=not visit.name)
    dates = [hint.published[:10] for hint in visit.reading.hints if hint.published]
    newest = f", the newest of {max(dates)}" if dates else ""
    said = visit.failure or f"{len(visit.reading.hints)} articles listed{newest}"
    return Finding(what, visit.url, said, is_right=bool(visit.reading.hints) or not visit.name)


def _nothing_listed(visits: Sequence[Visit]) -> Iterator[Finding]:
    if visits[0].is_shown and not any(visit.reading.hints for visit in visits):
        yield Finding("articles", "", "none is listed anywhere: a crawl would find nothing", is_right=False)


def _article(portal: Portal, visits: Sequence[Visit], listings: Sequence[Visit]) -> Iterator[Finding]:
    """Yield the article that was read, or why none of those tried could be."""
    for visit in visits:
        if visit.reading.article is not None:
            yield _read(portal, visit, visit.reading.article, listings)
            return
    for visit in visits:
        answer = _answer(visit.page) if visit.page is not None else ""
        yield Finding("article", visit.url, visit.failure or f"{answer}: shows no article", is_right=False)


def _read(portal: Portal, visit: Visit, article: Article, listings: Sequence[Visit]) -> Finding:
    hinted = (hint.published for listed in listings for hint in listed.reading.hints if hint.url == visit.url)
    published = article.published or next(filter(None, hinted), None)
    size = len(article.text)
    said = f"«{article.title}», {published or 'undated'}, {size} characters in {len(article.body)} lines"
    return Finding("article", visit.url, said, published is not None or not portal.expects.dated)
