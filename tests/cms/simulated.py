"""One simulated CMS: what it is called, whose articles it publishes, how it answers; and the markup all of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from jinja2 import Environment

from scraper.demo.answers import Answer, Request, fresh, page
from scraper.demo.article import DemoArticle, Run, load_articles
from scraper.demo.site import Section, Site
from scraper.demo.sites import DemoSites

PER_PAGE = 3  # articles on one page of a list: four articles already need paging
FileUrl = Callable[[DemoArticle, str], str]


@dataclass(frozen=True)
class Cms:
    """A portal NAME.mophong.test of one platform; its articles are those of a portal of the demo."""

    name: str
    platform: str
    source: str
    sections: Mapping[str, str]
    answer: Callable[[Site, Request], Answer | None]

    @property
    def host(self) -> str:
        return f"{self.name}.mophong.test"

    def site(self) -> Site:
        sections = tuple(Section(name, path) for name, path in self.sections.items())
        articles = tuple(article for article in load_articles(self.source) if not article.protected)
        return Site(self.name, "Trang thông tin điện tử mô phỏng", self.platform, sections, articles, Environment())

    def entry(self) -> str:
        """Return the portal's entry in the catalogue."""
        sections = ", ".join(f'"{name}" = "{path}"' for name, path in self.sections.items())
        return f"""[[portal]]
name = "{self.name}"
title = "Trang mô phỏng {self.platform}"
platform = "{self.platform}"
hosts = ["{self.host}"]
home = "http://{self.host}/"
sections = {{ {sections} }}
expects = {{ dated = 1.0 }}
"""


class Simulated(DemoSites):
    """The web server of the demo with the simulated CMSs behind it."""

    def __init__(self, portals: tuple[Cms, ...]) -> None:
        super().__init__()
        self._portals = {cms.name: (cms, cms.site()) for cms in portals}

    def answer(self, request: Request) -> Answer:
        cms, site = self._portals[request.host.partition(".")[0]]
        return fresh(robots(request) or cms.answer(site, request) or missing(), request.headers)

    def prepare(self, data: Path) -> None:
        """Write catalogue and settings that lead a crawl here."""
        (data / "portals").mkdir(parents=True)
        (data / "portals/cms.toml").write_text("\n".join(cms.entry() for cms, _ in self._portals.values()))
        (data / "ansinh.toml").write_text(f'delay = 0.0\nroutes = {{ "*.mophong.test" = "127.0.0.1:{self.port}" }}\n')


def robots(request: Request) -> Answer | None:
    return page("User-agent: *\nDisallow:\n", mime="text/plain") if request.path == "/robots.txt" else None


def missing() -> Answer:
    return page("<html><body><p>Không tìm thấy trang bạn yêu cầu.</p></body></html>", 404)


def story(article: DemoArticle, file_url: FileUrl) -> str:
    """Return the body as an editor's rich text field holds it."""
    files = "".join(f'<p><a href="{file_url(article, name)}">{name}</a></p>' for name in article.attachments)
    return "\n".join(_run(article, run, file_url) for run in article.runs) + files


def _run(article: DemoArticle, run: Run, file_url: FileUrl) -> str:
    if run.kind == "tr":
        rows = ("".join(f"<td><p>{escape(cell)}</p></td>" for cell in block.cells) for block in run.blocks)
        return f'<table border="1"><tbody>{"".join(f"<tr>{row}</tr>" for row in rows)}</tbody></table>'
    if run.kind == "li":
        return f"<ul>{''.join(f'<li>{escape(block.text)}</li>' for block in run.blocks)}</ul>"
    return "".join(_block(article, run.kind, block.text, block.image, file_url) for block in run.blocks)


def _block(article: DemoArticle, kind: str, text: str, image: str, file_url: FileUrl) -> str:
    if kind == "h":
        return f"<h3>{escape(text)}</h3>"
    if kind == "caption":
        return f'<figure><img src="{file_url(article, image)}"><figcaption>{escape(text)}</figcaption></figure>'
    return f'<p style="text-align: justify;"><span style="font-size: 14pt;">{escape(text)}</span></p>'


def menu(site: Site) -> str:
    return "".join(f'<li><a href="{escape(section.path)}">{section.name}</a></li>' for section in site.sections)
