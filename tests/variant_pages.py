"""Pages of every CMS family made by combination: a family's article markup, the page around it, how the body was typed.

The articles are those of the demo; the families' markup is tests/variants/<family>/*.html, written from portals.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from archive.models import Article, Hint, Host, Page, Portal
from scraper.demo.article import FOLDER as TOLD
from scraper.demo.article import Block, DemoArticle, load_articles
from scraper.demo.site import weekday
from scraper.platforms import get_platform

FOLDER = Path(__file__).parent / "variants"
SHARED = ("frames", "lists")  # folders of FOLDER that are no family's
HOME = "https://anphu.gov.vn"
MENU = ("Trang chủ", "Giới thiệu", "Tin tức - Sự kiện", "Văn bản chỉ đạo điều hành", "Hỏi đáp", "Liên hệ")
_TEMPLATES = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True)


class Variant(NamedTuple):
    """One combination, by the names of its parts."""

    family: str
    markup: str
    frame: str
    typing: str


@dataclass(frozen=True)
class Wanted:
    """What must come out: `published` None where the page shows no date."""

    title: str
    published: str | None
    lines: tuple[str, ...]
    files: tuple[str, ...]


class Outcome(NamedTuple):
    """Which fields came out exactly."""

    title: bool
    date: bool
    lines: bool
    files: bool


def paragraphs(article: DemoArticle) -> str:
    return _typed(article, '<p style="text-align: justify;"><span style="font-size: 14pt;">{}</span></p>')


def divisions(article: DemoArticle) -> str:
    return _typed(article, "<div>{}</div>\n<div>&nbsp;</div>")


def broken(article: DemoArticle) -> str:
    return _typed(article, "{}<br><br />\n")


def word(article: DemoArticle) -> str:
    junk = "<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->"
    style = "<style><!-- /* Style Definitions */ p.MsoNormal {margin:0cm; font-family:'Times New Roman'} --></style>"
    typed = '<p class="MsoNormal" style="mso-pagination: none"><span lang="VI" style="font-size:14.0pt">{}<o:p></o:p></span></p>\n'
    return junk + style + _typed(article, typed + '<p class="MsoNormal"><o:p>&nbsp;</o:p></p>')


def laid_out(article: DemoArticle) -> str:
    return f'<table width="100%"><tbody><tr><td>{paragraphs(article)}</td></tr></tbody></table>'


TYPINGS: Mapping[str, Callable[[DemoArticle], str]] = {
    typed.__name__: typed for typed in (paragraphs, divisions, broken, word, laid_out)
}


def _typed(article: DemoArticle, paragraph: str) -> str:
    return "".join(_run(run.kind, run.blocks, paragraph) for run in article.runs)


def _run(kind: str, blocks: tuple[Block, ...], paragraph: str) -> str:
    if kind == "tr":
        rows = ("".join(f"<td><p>{escape(cell)}</p></td>" for cell in block.cells) for block in blocks)
        return f'<table border="1"><tbody>{"".join(f"<tr>{row}</tr>" for row in rows)}</tbody></table>'
    if kind == "li":
        return f"<ul>{''.join(f'<li>{escape(block.text)}</li>' for block in blocks)}</ul>"
    return "".join(_block(block, paragraph) for block in blocks)


def _block(block: Block, paragraph: str) -> str:
    text = escape(block.text)
    if block.kind == "h":
        return paragraph.format(f"<strong>{text}</strong>")
    if block.kind == "caption":
        picture = f'<img alt="" src="/anh/{block.image}">'
        return (
            f'<table align="center"><tbody><tr><td>{picture}</td></tr><tr><td><em>{text}</em></td></tr></tbody></table>'
        )
    return paragraph.format(text)


def variants() -> tuple[Variant, ...]:
    """Return every combination, in the order of the families."""
    frames = sorted(path.stem for path in (FOLDER / "frames").glob("*.html"))
    markups = sorted(
        (path.parent.name, path.stem) for path in FOLDER.glob("*/*.html") if path.parent.name not in SHARED
    )
    return tuple(Variant(*markup, frame, typed) for markup, frame, typed in product(markups, frames, TYPINGS))


def articles() -> tuple[DemoArticle, ...]:
    """Return the articles of all portals of the demo."""
    return tuple(article for path in sorted(TOLD.glob("*.toml")) for article in load_articles(path.stem))


def render(variant: Variant, article: DemoArticle) -> tuple[Page, Wanted]:
    """Return the article's page and what must be read on it."""
    template = _TEMPLATES.get_template(f"{variant.family}/{variant.markup}.html")
    names: Any = template.make_module({"title": article.title, "when": article.when})
    said = {
        "title": article.title,
        "lead": article.summary,
        "author": article.author,
        "section": article.section,
        "id": article.id,
        "when": article.when,
        "iso": article.when.isoformat(),
        "day": f"{article.when:%d/%m/%Y}",
        "clock": f"{article.when:%H:%M}",
        "weekday": weekday(article.when),
        "body": Markup(TYPINGS[variant.typing](article)),
        "files": [{"name": name, "url": _file(names, article, name)} for name in article.attachments],
        "others": [_row(other, names) for other in _others(article)],
        "menu": MENU,
        "body_class": getattr(names, "body_class", ""),
    }
    content = Markup(template.render(said))
    html = _TEMPLATES.get_template(f"frames/{variant.frame}.html").render(said, content=content, head="")
    address = HOME + _plain(names.address(article))
    return Page(address, html.encode(), headers={"content-type": "text/html; charset=utf-8"}), _wanted(article, names)


def render_list(
    name: str, frame: str, listed: tuple[DemoArticle, ...], beside: DemoArticle
) -> tuple[Page, tuple[Hint, ...]]:
    """Return a page of a list (`<family>.<markup>`) and what must be read of each article on it, in order.

    The addresses are those of the family's first markup; `beside` is linked around the list, with its date.
    """
    family = name.partition(".")[0]
    names = _TEMPLATES.get_template(f"{family}/{_first_markup(family)}.html").make_module(
        {"title": "", "when": listed[0].when}
    )
    rows = [_row(article, names) for article in listed]
    template = _TEMPLATES.get_template(f"lists/{name}.html")
    markup: Any = template.make_module({"listed": []})
    others = [_row(beside, names)] * 2
    said = {"title": "Tin tức", "menu": MENU, "others": others, "section": "Tin tức", "listed": rows}
    content = Markup(template.render(said))
    html = _TEMPLATES.get_template(f"frames/{frame}.html").render(said, content=content, head="")
    hints = (
        Hint(HOME + str(row["url"]), "listing", _dates(article)[markup.shown], None, article.title)
        for article, row in zip(listed, rows, strict=True)
    )
    return Page(f"{HOME}/tin-tuc", html.encode(), headers={"content-type": "text/html; charset=utf-8"}), tuple(hints)


def _row(article: DemoArticle, names: Any) -> dict[str, object]:
    return {
        "url": _plain(names.address(article)),
        "title": article.title,
        "lead": article.summary or article.body[0].text[:120],
        "day": f"{article.when:%d/%m/%Y}",
        "clock": f"{article.when:%H:%M}",
        "iso": article.when.isoformat(),
        "id": article.id,
    }


def lists() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (FOLDER / "lists").glob("*.html")))


def _first_markup(family: str) -> str:
    return min(path.stem for path in (FOLDER / family).glob("*.html"))


def _file(names: Any, article: DemoArticle, name: str) -> str:
    return _plain(names.file(article, name))


def _plain(markup: object) -> str:
    """Return what a macro gives as it stands in an address."""
    return Markup(str(markup)).unescape().strip()


def _others(article: DemoArticle) -> tuple[DemoArticle, ...]:
    return tuple(other for other in load_articles(article.portal) if other.id != article.id)[:4]


def _wanted(article: DemoArticle, names: Any) -> Wanted:
    body = tuple(block.text or " ".join(block.cells) for block in article.body)
    files = tuple(_file(names, article, name) for name in article.attachments)
    named = article.attachments if hasattr(names, "file_lines") else ()
    return Wanted(
        article.title, _dates(article)[names.shown], tuple(filter(None, (article.summary, *body, *named))), files
    )


def _dates(article: DemoArticle) -> Mapping[str, str | None]:
    """Return the date of an article by how much of it a page shows, and where."""
    day, minute = f"{article.when:%Y-%m-%d}", article.when.replace(second=0).isoformat()
    return {"day": day, "path": day, "minute": minute, "written": minute, "id": article.when.isoformat(), "none": None}


def read(page: Page, family: str) -> Article:
    portal = Portal("x", "X", family, (Host("anphu.gov.vn"),), HOME + "/")
    return get_platform(family).extract(page, portal)


def compare(article: Article, wanted: Wanted) -> Outcome:
    found = tuple(re.sub(rf"^{re.escape(HOME)}", "", file.url).replace("%20", " ") for file in article.attachments)
    return Outcome(
        article.title == wanted.title,
        article.published == wanted.published,
        tuple(filter(None, (article.summary, *article.body))) == wanted.lines,
        sorted(found) == sorted(wanted.files),
    )
