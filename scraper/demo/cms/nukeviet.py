"""NukeViet 4.5 with the language in its URLs (portals.md sections D and 8)."""

from __future__ import annotations

import re
from datetime import UTC
from functools import partial

from scraper.demo.answers import (
    XML,
    Answer,
    Request,
    Route,
    article_page,
    http_date,
    number,
    page,
    redirect,
    reply,
    robots,
)
from scraper.demo.article import DemoArticle
from scraper.demo.site import Section, Site, window

NEWS = "/vi/news/"
CHILD, PARENT = "Người có công", "Lao động - Thương binh và Xã hội"
ROBOTS = "User-agent: *\nDisallow: /admin/\nDisallow: /users/\nDisallow: /statistics/\nSitemap: {}/sitemap.xml\n"


def answer(site: Site, request: Request) -> Answer:
    """Answer a request as NukeViet does: it redirects paging past the end and wrong slugs, and knows no other id."""
    return reply(site, request, ROUTES, partial(file_url, site), _render)


def article_url(site: Site, article: DemoArticle) -> str:
    """Return the path of an article."""
    return f"{site.get_section(article.section).path}{article.slug}-{article.id}.html"


def file_url(site: Site, article: DemoArticle, name: str) -> str:
    """Return the address of an image by its month, of an attachment by its number at the article."""
    if name in article.images:
        return f"/uploads/news/{article.when:%Y_%m}/{name}"
    return f"{article_url(site, article)}?download=1&id={article.attachments.index(name)}"


def _print_url(site: Site, article: DemoArticle) -> str:
    return article_url(site, article).replace(NEWS, f"{NEWS}print/")


def _rss_url(section: Section) -> str:
    return section.path.replace(NEWS, f"{NEWS}rss/")


def pub_date(article: DemoArticle) -> str:
    """Return the date as NukeViet's feeds write it, the month where the minutes belong (portals.md section 8)."""
    when = article.when.astimezone(UTC)
    return http_date(when.replace(minute=when.month)).replace(", 0", ", ")


def list_articles(site: Site, section: Section) -> tuple[DemoArticle, ...]:
    """Return the articles of a section; a parent lists those of its child too."""
    shown = (section.name, CHILD) if section.name == PARENT else (section.name,)
    return tuple(article for article in site.articles if article.section in shown)


def _render(site: Site, request: Request, template: str, **context: object) -> str:
    tools = {
        "url": partial(article_url, site),
        "file_url": partial(file_url, site),
        "print_url": partial(_print_url, site),
        "rss": _rss_url,
        "pub_date": pub_date,
    }
    return site.render(template, request=request, **tools, **context)


def _home(site: Site, request: Request, match: re.Match[str]) -> Answer:
    return page(_render(site, request, "home.html"))


def _front(site: Site, request: Request, match: re.Match[str]) -> Answer:
    return redirect(NEWS)


def _list(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    section = site.find_section(f"{NEWS}{match['section']}/")
    if section is None:
        return redirect(NEWS)
    asked = number(match["page"] or "1")
    shown = window(list_articles(site, section), asked)
    if shown.number != asked or not request.path.endswith("/"):
        return redirect(section.path)
    paging = partial(_page_url, section)
    return page(_render(site, request, "list.html", heading=section.name, window=shown, paging=paging))


def _page_url(section: Section, number: int) -> str:
    return section.path if number == 1 else f"{section.path}page-{number}/"


def _article(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    article = site.find_article(int(match["id"]))
    if article is None:
        return None if site.find_section(f"{NEWS}{match['section']}/") else redirect(NEWS)
    if request.path != article_url(site, article):
        return redirect(article_url(site, article))
    newer, older = site.neighbours(article)
    return article_page(_render(site, request, "article.html", article=article, newer=newer, older=older), article)


def _print(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    article = site.find_article(int(match["id"]))
    return page(_render(site, request, "print.html", article=article)) if article else None


def _rss(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    section = site.find_section(f"{NEWS}{match['section']}/") if match["section"] else None
    if match["section"] and section is None:
        return None
    articles = list_articles(site, section) if section else site.articles
    heading = f"Tin Tức - {section.name}" if section else "Tin Tức"
    return page(_render(site, request, "rss.html", heading=heading, articles=articles[:30]), mime=XML)


def _sitemap(site: Site, request: Request, match: re.Match[str]) -> Answer:
    return page(_render(site, request, "sitemap.html"), mime=XML)


def _sitemap_index(site: Site, request: Request, match: re.Match[str]) -> Answer:
    return page(_render(site, request, "sitemapindex.html"), mime=XML)


ROUTES = (
    Route(re.compile(r"/(?:vi/(?:news/)?)?"), _home),
    Route(re.compile(r"/robots\.txt"), partial(robots, ROBOTS)),
    Route(re.compile(r"/sitemap(?:-vi)?\.xml"), _sitemap_index),
    Route(re.compile(r"/sitemap-vi\.news\.xml"), _sitemap),
    Route(re.compile(r"/vi/news/rss/(?:(?P<section>[\w-]+)/)?"), _rss),
    Route(re.compile(r"/vi/news/page-\d+/"), _front),
    Route(re.compile(r"/vi/news/print/[\w-]+/[\w-]+-(?P<id>\d{1,9})\.html"), _print),
    Route(re.compile(r"/vi/news/(?P<section>[\w-]+)(?:/page-(?P<page>\d+))?/?"), _list),
    Route(re.compile(r"/vi/news/(?P<section>[\w-]+)/[\w-]+-(?P<id>\d{1,9})\.html"), _article),
)
