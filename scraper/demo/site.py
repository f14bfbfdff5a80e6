"""One simulated portal: its entry in the demo's catalogue, its articles, and the templates of its CMS."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from scraper.demo.article import DemoArticle, load_articles

PORTALS_FILE = Path(__file__).parent / "portals.toml"
TEMPLATES = Path(__file__).parent / "templates"
NOTICE = "Trang mô phỏng phục vụ trình diễn phần mềm, số liệu không có thật"
PAGE_SIZE = 5  # small, so that a handful of articles already needs paging

_WEEKDAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")


class Section(NamedTuple):
    """A section of a portal and the path of its listing."""

    name: str
    path: str


class Window(NamedTuple):
    """One page of a listing: its articles, its number and the number of the last page."""

    articles: tuple[DemoArticle, ...]
    number: int
    last: int


@dataclass(frozen=True, slots=True)
class Site:
    """A simulated portal, ready to render its pages."""

    name: str
    title: str
    platform: str
    sections: tuple[Section, ...]
    articles: tuple[DemoArticle, ...]
    templates: Environment

    def render(self, template: str, **context: object) -> str:
        """Return a page of the CMS; raise jinja2.UndefinedError for a value that the template misses."""
        return self.templates.get_template(template).render(site=self, notice=NOTICE, **context)

    def find_article(self, number: int) -> DemoArticle | None:
        """Return the article with that id."""
        return next((article for article in self.articles if article.id == number), None)

    def find_section(self, path: str) -> Section | None:
        """Return the section listed at that path."""
        return next((section for section in self.sections if section.path == path), None)

    def get_section(self, name: str) -> Section:
        """Return the section of that name; raise KeyError for one that the catalogue does not have."""
        return {section.name: section for section in self.sections}[name]

    def list_section(self, section: Section) -> tuple[DemoArticle, ...]:
        """Return the section's articles, newest first."""
        return tuple(article for article in self.articles if article.section == section.name)

    def neighbours(self, article: DemoArticle) -> tuple[tuple[DemoArticle, ...], tuple[DemoArticle, ...]]:
        """Return up to three newer and four older articles of the article's section."""
        listed = self.list_section(self.get_section(article.section))
        at = listed.index(article)
        return listed[max(0, at - 3) : at], listed[at + 1 : at + 5]


def window(articles: tuple[DemoArticle, ...], number: int, size: int = PAGE_SIZE) -> Window:
    """Return that page of a listing, or the last page when there are fewer."""
    last = max(1, -(-len(articles) // size))
    number = min(number, last)
    return Window(articles[(number - 1) * size : number * size], number, last)


def load_sites(broken: frozenset[str] = frozenset()) -> tuple[Site, ...]:
    """Return all simulated portals; the broken ones show their articles in a redesign that no platform knows."""
    rows = tomllib.loads(PORTALS_FILE.read_text("utf-8"))["portal"]
    return tuple(_site(row, "redesign" if row["name"] in broken else row["platform"]) for row in rows)


def _site(row: Mapping[str, Any], look: str) -> Site:
    return Site(
        name=row["name"],
        title=row["title"],
        platform=row["platform"],
        sections=tuple(Section(name, path) for name, path in row["sections"].items()),
        articles=load_articles(row["name"]),
        templates=_environment(TEMPLATES / look, TEMPLATES / row["platform"]),
    )


def _environment(*folders: Path) -> Environment:
    loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters.update(weekday=weekday, charrefs=charrefs)
    return environment


def weekday(day: date) -> str:
    """Return the Vietnamese name of the day of the week."""
    return _WEEKDAYS[day.weekday()]


def charrefs(text: str) -> str:
    """Return the text with every letter beyond ASCII as a character reference: VNPT escapes its feeds twice."""
    return text.encode("ascii", "xmlcharrefreplace").decode()
