"""WordPress 6.1 with its default block theme, feeds, sitemaps and REST answers (portals.md sections K and 8)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC
from functools import partial
from typing import Any

from scraper.demo.answers import (
    JSON,
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
from scraper.demo.site import Section, Site, Window, window

ROBOTS = "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n\nSitemap: {}/wp-sitemap.xml\n"
FEED_SIZE = 10
API = "/wp-json/wp/v2"


def answer(site: Site, request: Request) -> Answer:
    """Answer a request as WordPress does: past the last page there is nothing, a missing slash is redirected."""
    return reply(site, request, ROUTES, file_url, _render)


def article_url(article: DemoArticle) -> str:
    """Return the path of a post."""
    return f"/{article.when:%Y/%m/%d}/{article.slug}/"


def file_url(article: DemoArticle, name: str) -> str:
    """Return the path of an image or attachment, in the folder of its month."""
    return f"/wp-content/uploads/{article.when:%Y/%m}/{name}"


def shown_title(article: DemoArticle) -> str:
    """Return the title as pages and feeds show it."""
    return f"Bảo vệ: {article.title}" if article.protected else article.title


def _render(site: Site, request: Request, template: str, **context: object) -> str:
    tools = {"url": article_url, "file_url": file_url, "shown_title": shown_title, "body_class": "home blog"}
    return site.render(template, request=request, **{**tools, **context})


def _list(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    asked = number(match["page"] or "1")
    section = site.find_section(f"/category/{match['section']}/") if match["section"] else None
    if match["section"] and section is None:
        return None
    shown = window(site.list_section(section) if section else site.articles, asked)
    if shown.number != asked:
        return None
    paging = partial(_page_url, f"{request.base}{section.path if section else '/'}")
    heading = section.name if section else site.title
    return page(_render(site, request, "list.html", heading=heading, window=shown, paging=paging))


def _page_url(first: str, number: int) -> str:
    return first if number == 1 else f"{first}page/{number}/"


def _short(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    article = site.find_article(number(request.query["p"])) if "p" in request.query else None
    return redirect(f"{request.base}{article_url(article)}") if article else None


def _article(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    article = next((article for article in site.articles if article_url(article) == f"{match['path']}/"), None)
    if article is None:
        return None
    if not request.path.endswith("/"):
        return redirect(f"{request.base}{article_url(article)}")
    body_class = f"post-template-default single single-post postid-{article.id} single-format-standard"
    return article_page(_render(site, request, "article.html", article=article, body_class=body_class), article)


def _feed(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    section = site.find_section(f"/category/{match['section']}/") if match["section"] else None
    if match["section"] and section is None:
        return None
    asked = number(request.query.get("paged", "1"))
    shown = window(site.list_section(section) if section else site.articles, asked, FEED_SIZE)
    return _rss(site, request, shown) if shown.number == asked else None


def _comments_feed(site: Site, request: Request, match: re.Match[str]) -> Answer:
    return _rss(site, request, Window((), 1, 1))


def _rss(site: Site, request: Request, shown: Window) -> Answer:
    text = _render(site, request, "feed.html", window=shown, pub_date=_pub_date)
    return page(text, mime="application/rss+xml; charset=UTF-8")


def _pub_date(article: DemoArticle) -> str:
    return http_date(article.when).replace("GMT", "+0000")


def _sitemap(site: Site, request: Request, match: re.Match[str]) -> Answer:
    return page(_render(site, request, "sitemap.html"), mime=XML)


def _sitemap_index(site: Site, request: Request, match: re.Match[str]) -> Answer:
    return page(_render(site, request, "sitemapindex.html"), mime=XML)


def _posts(site: Site, request: Request, match: re.Match[str]) -> Answer:
    asked, size = number(request.query.get("page", "1")), number(request.query.get("per_page", "10"))
    if size > 100:
        return _refused("rest_invalid_param", "Invalid parameter(s): per_page")
    shown = window(site.articles, asked, size)
    if shown.number != asked:
        return _refused(
            "rest_post_invalid_page_number", "The page number requested is larger than the number of pages available."
        )
    fields = request.query.get("_fields", "")
    found = _json([_only(fields, _post(site, request, article)) for article in shown.articles])
    return replace(found, headers=_counts(site, request, shown, size))


def _counts(site: Site, request: Request, shown: Window, size: int) -> tuple[tuple[str, str], ...]:
    counts = (("X-WP-Total", str(len(site.articles))), ("X-WP-TotalPages", str(shown.last)))
    if shown.number == shown.last:
        return counts
    return (*counts, ("Link", f'<{request.base}{API}/posts?per_page={size}&page={shown.number + 1}>; rel="next"'))


def _one_post(site: Site, request: Request, match: re.Match[str]) -> Answer | None:
    article = site.find_article(int(match["id"]))
    return _json(_post(site, request, article)) if article else None


def _post(site: Site, request: Request, article: DemoArticle) -> dict[str, Any]:
    local, gmt = (when.replace(tzinfo=None).isoformat() for when in (article.when, article.when.astimezone(UTC)))
    content = "" if article.protected else _render(site, request, "content.html", article=article)
    return {
        "id": article.id,
        "date": local,
        "date_gmt": gmt,
        "guid": {"rendered": f"{request.base}/?p={article.id}"},
        "modified": local,
        "modified_gmt": gmt,
        "slug": article.slug,
        "status": "publish",
        "type": "post",
        "link": f"{request.base}{article_url(article)}",
        "title": {"rendered": article.title},
        "content": {"rendered": content, "protected": article.protected},
        "categories": [_category(site, site.get_section(article.section))],
    }


def _only(fields: str, post: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a post that `_fields` names, a part of one as `content.protected`; all without it."""
    if not fields:
        return post
    kept: dict[str, Any] = {}
    for name, _, part in (asked.partition(".") for asked in fields.split(",")):
        if name in post:
            kept[name] = {**kept.get(name, {}), part: post[name][part]} if part else post[name]
    return kept


def _categories(site: Site, request: Request, match: re.Match[str]) -> Answer:
    return _json(
        [
            {
                "id": _category(site, section),
                "count": len(site.list_section(section)),
                "link": f"{request.base}{section.path}",
                "name": section.name,
                "slug": section.path.strip("/").rpartition("/")[2],
                "taxonomy": "category",
                "parent": 0,
            }
            for section in site.sections
        ]
    )


def _category(site: Site, section: Section) -> int:
    return 2 + site.sections.index(section)


def _json(value: object, status: int = 200) -> Answer:
    return page(json.dumps(value).replace("/", "\\/"), status, JSON)


def _refused(code: str, message: str) -> Answer:
    return _json({"code": code, "message": message, "data": {"status": 400}}, 400)


ROUTES = (
    Route(re.compile(r"/"), _short),
    Route(re.compile(r"/robots\.txt"), partial(robots, ROBOTS)),
    Route(re.compile(r"(?:/category/(?P<section>[\w-]+))?(?:/page/(?P<page>\d+))?/"), _list),
    Route(re.compile(r"(?:/category/(?P<section>[\w-]+))?/feed/"), _feed),
    Route(re.compile(r"/\d{4}/\d\d/\d\d/[\w-]+/feed/|/comments/feed/"), _comments_feed),
    Route(re.compile(r"(?P<path>/\d{4}/\d\d/\d\d/[\w-]+)/?"), _article),
    Route(re.compile(r"/wp-sitemap\.xml"), _sitemap_index),
    Route(re.compile(r"/wp-sitemap-posts-post-1\.xml"), _sitemap),
    Route(re.compile(rf"{API}/posts/?"), _posts),
    Route(re.compile(rf"{API}/posts/(?P<id>\d{{1,9}})/?"), _one_post),
    Route(re.compile(rf"{API}/categories/?"), _categories),
)
