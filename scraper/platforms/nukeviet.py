"""NukeViet 4 (open source): hundreds of districts and communes; its markup as in portals.md sections D and 8."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from lxml.html import HtmlElement
from parsel import Selector

from archive.models import Article, Attachment, ExtractError, Fetch, Hint, Listing, Page, Portal
from archive.text import clean_line, language
from scraper.reading.links import absolute, file_links, file_type, image_urls, xml_listing
from scraper.reading.page import (
    Layout,
    canonical,
    find_layout,
    first,
    line,
    named_source,
    parse_when,
    prose,
    tree,
    updated_after,
)
from scraper.reading.reader import Family, read_article
from scraper.reading.select import select

_FINGERPRINT = re.compile(
    rb'content="NukeViet|<!\[CDATA\[NukeViet|\bnv_open_browse\(|\bnv_base_siteurl\b|news-bodyhtml'
    rb"|/index\.php\?second=cronjobs|/assets/css/sitemap(?:index)?\.xsl"
)

# The article is the only `.news_column` with a headline; pages of the module `page` are `.page` and no articles.
_LAYOUTS = (
    Layout(
        name="default",
        title=".news_column h1",
        body="#news-bodyhtml",
        date=".news_column span.h5",
        summary=".news_column .hometext",
    ),
    Layout(
        name="mobile",
        title=".news_column h1",
        body=".news_column .bodytext",
        date=".news_column em.time, .news_column .time",
        summary="#hometext",
    ),
    Layout(
        name="egov",
        title="h1[itemprop=headline]",
        body="#news-bodyhtml, [itemprop=articleBody]",
        date="span.h5, .time, .date",
        summary=".hometext, #hometext, [itemprop=description]",
    ),
)
# Themes of ministries and provinces rename all classes but keep this id (portals.md section D): the title is looked for.
_THEMES = Family(
    "nukeviet",
    (
        Layout(
            name="theme",
            title="",
            body="#news-bodyhtml, [itemprop=articleBody]",
            date="span.h5",
            summary=".hometext, #hometext, [itemprop=description]",
        ),
    ),
)

_LANGUAGES = "vi|en|fr|de|ru|zh|ja|ko|lo|km"
# /vi/news/<cat>/<alias>-<id>.html, /news/<cat>/…, /<cat>/…: language and module are optional (portals.md section 8).
_ARTICLE = re.compile(
    rf"(?:/index\.php)?(?:/(?P<language>{_LANGUAGES}))?(?:/(?P<module>[^/]+))?/(?P<category>[^/]+)/(?!page-\d+\.)[^/]+-(?P<id>\d+)\.html"
)
_OPERATIONS = "print|savefile|sendmail|rss|instant-rss|tag|topic|groups|author|search|content|rating"
_MODULES = (
    "page|about|siteterms|contact|users|statistics|voting|banners|seek|feeds|comment|download|photos|videos|laws|shops"
    "|faq|weblinks|menu|freecontent"
)
_NO_CATEGORY = re.compile(f"{_OPERATIONS}|news")
_NO_NEWS_MODULE = re.compile(f"{_OPERATIONS}|{_MODULES}")
_PAGE_NUMBER = re.compile(r"\bpage-(?P<n>\d{1,9})/?$")
_MOST_CLOCKS = 200  # read on one page; a list has 20
_CLOCK = "em.fa-clock-o, i.fa-clock-o, em.fa-calendar, i.fa-calendar"
_MANY = ""  # owner of a block with links to several articles; no article's key
_WRITTEN_DATE = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)? - \d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}")  # PHP l - d/m/Y H:i
_AUTHOR = re.compile(r"(?:Tác giả(?: bài viết)?|Author)\s*:\s*(.*)")
_SOURCE = re.compile(r"(?:Nguồn(?: tin)?|Source)\s*:\s*(.*)")
_OUTSIDE_BODY = "//p[strong][not(ancestor::*[@id='news-bodyhtml' or contains(@class, 'bodytext')])]"


class NukeViet:
    """NukeViet 4: articles have an id, lists, feeds and sitemaps name them all."""

    name: ClassVar[str] = "nukeviet"

    def fingerprint(self, page: Page) -> bool:
        """Say whether NukeViet made the page, feed or sitemap."""
        return _FINGERPRINT.search(page.body) is not None

    def article_key(self, url: str) -> str | None:
        """Return the article's id, after its language unless Vietnamese and its module unless `news`, or None.

        Languages and modules have tables, and so ids, of their own. Print, savefile, sendmail, rss, tag and downloads
        have no key.
        """
        try:
            match = _ARTICLE.fullmatch(_path(url))
        except ValueError:
            return None
        if match is None or not _is_news(match):
            return None
        module = "" if match["module"] == "news" else match["module"]
        return "/".join(part for part in (match["language"], module, match["id"]) if part and part != "vi")

    def is_article(self, page: Page, portal: Portal) -> bool:
        """Say whether the page shows the text of an article; not its print view, nor a page of another module."""
        if page.status != 200:
            return False
        node = tree(page)
        return find_layout(node, _LAYOUTS, portal.selectors) is not None or _is_themed(node)

    def extract(self, page: Page, portal: Portal) -> Article:
        """Return the article; raise ExtractError when the URL, the title or the body is not an article's."""
        key = self.article_key(page.url)
        node = tree(page)
        layout = find_layout(node, _LAYOUTS, portal.selectors)
        if key is not None and layout is None and _is_themed(node):
            article = read_article(page, portal, key, _THEMES)
            return replace(article, section=article.section or _section(node, _THEMES.layouts[0]))
        if key is None or layout is None:
            raise ExtractError(f"no {'article id in the URL' if key is None else 'title and body of a known layout'}")
        body = select(node, layout.body)[0]
        title, text = line(select(node, layout.title)[0]), prose(body)
        published = _date(node, layout)
        return Article(
            portal=portal.name,
            key=key,
            url=canonical(page.url),
            title=title,
            body=text.lines,
            kinds=text.kinds,
            section=_section(node, layout),
            summary=line(first(node, layout.summary)) if layout.summary else "",
            author=_labelled(select(node, layout.author) if layout.author else node.xpath(_OUTSIDE_BODY), _AUTHOR),
            source=_labelled(node.xpath(_OUTSIDE_BODY), _SOURCE) or named_source(text.lines),
            language=language("\n".join((title, *text.lines))),
            attachments=_attachments(node, body, page.url),
            images=image_urls([*(select(node, "#imgpreview") or select(node, "figure.article")), body], page.url),
            published=published,
            published_source="page" if published else None,
            updated=updated_after(published, node.css("[itemprop=dateModified]::text").get("")),
            extracted_by=f"nukeviet/{layout.name}/1",
        )

    def start(self, portal: Portal) -> tuple[Fetch, ...]:
        """Return the first page of every section (the home page without any), and the sitemap, which dates exactly."""
        sections = portal.sections or {"": ""}
        listings = (Fetch(urljoin(portal.home, path), section=name or None) for name, path in sections.items())
        return (*listings, Fetch(urljoin(portal.home, "/sitemap.xml")))

    def parse_listing(self, page: Page, portal: Portal) -> Listing:
        """Return the articles and next page of a list, the articles of a feed or sitemap, the sitemaps of an index."""
        if page.status != 200 or not page.body.strip():
            return Listing()
        found = xml_listing(page)
        if found is not None:
            hints = tuple(_trusted(hint) for hint in found.hints if self.article_key(hint.url) is not None)
            return replace(found, hints=hints)
        node = tree(page)
        return Listing(_hints(node, page.url), _next_page(node, page.url))


def _is_themed(node: Selector) -> bool:
    """Say whether a theme of its own shows an article: NukeViet's id of the text is there."""
    return bool(select(node, _THEMES.layouts[0].body))


def _path(url: str) -> str:
    """Return the path of the rewritten form of a URL; empty for a download. Raise ValueError for no URL."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if "download" in query or "pdf" in query:
        return ""
    if "nv" not in query:
        return unquote(parts.path)
    path = f"/{query.get('language', 'vi')}/{query['nv']}/{query.get('op', '')}".removesuffix(".html")
    return f"{path}.html" if path.count("/") == len(("language", "module", "category", "article")) else ""


def _is_news(match: re.Match[str]) -> bool:
    """Say whether an address of an article's form is of a news module: not of its operations, nor of another module."""
    outer = match["module"] or match["category"]
    return not _NO_CATEGORY.fullmatch(match["category"]) and not _NO_NEWS_MODULE.fullmatch(outer)


def _date(node: Selector, layout: Layout) -> str | None:
    """Return the visible date; the machine's are the time of the last edit or broken (portals.md section 8)."""
    marked = (parse_when(line(found)) for found in select(node, layout.date))
    return next((when for when in chain(marked, _written_dates(node)) if when), None)


def _written_dates(node: Selector) -> Iterator[str | None]:
    """Yield what is printed in NukeViet's own form anywhere, for themes that mark the date otherwise."""
    for text in node.xpath("//body//text()[contains(., ' - ')]").getall():
        if _WRITTEN_DATE.fullmatch(clean_line(text)):
            yield parse_when(text)


def _section(node: Selector, layout: Layout) -> str:
    if layout.section:
        return line(first(node, layout.section))
    named = clean_line(node.css("meta[property='article:section']::attr(content)").get(""))
    trail = select(node, "[itemtype$=BreadcrumbList] [itemprop=name]")
    return named or line(trail[-1] if trail else None)


def _labelled(nodes: Iterable[Selector], label: re.Pattern[str]) -> str:
    """Return what stands behind a label such as «Tác giả:»; the hidden itemprop of the same name is a login name."""
    matches = (label.fullmatch(line(found)) for found in nodes)
    return next((match[1] for match in matches if match), "")


def _attachments(node: Selector, body: Selector, base: str) -> tuple[Attachment, ...]:
    files: dict[str, Attachment] = {}
    for link in select(node, ".news-download-file a[href*='download=']"):
        name = line(first(link, "strong")) or line(link).rpartition(":")[2].strip()
        url = absolute(link.attrib["href"], base)
        if url is not None:
            files[url] = Attachment(name, url, file_type(name))
    return (*files.values(), *(file for file in file_links(body, base) if file.url not in files))


def _hints(node: Selector, base: str) -> tuple[Hint, ...]:
    """Return what the page says of every article it links to: the title of its first link that has one, its date."""
    links = [(link, key, url) for link in select(node, "a[href]") for key, url in _article(link.attrib["href"], base)]
    dates = _dates(node, _owners((link.root, key) for link, key, _ in links))
    hints: dict[str, Hint] = {}
    for link, key, url in links:
        title = clean_line(link.attrib.get("title", "")) or line(link)
        if title and key not in hints:
            hints[key] = Hint(url, "listing", dates.get(key), title=title)
    return tuple(hints.values())


def _article(href: str, base: str) -> Iterator[tuple[str, str]]:
    url = absolute(href, base)
    key = None if url is None else PLATFORM.article_key(url)
    if url is not None and key is not None:
        yield key, url


def _owners(links: Iterable[tuple[HtmlElement, str]]) -> dict[HtmlElement, str]:
    """Return for each element around article links the key of the only article linked in it, or that there are many."""
    owners: dict[HtmlElement, str] = {}
    for link, key in links:
        for around in chain((link,), link.iterancestors()):
            known = owners.get(around)
            if known in (key, _MANY):
                break
            owners[around] = key if known is None else _MANY
    return owners


def _dates(node: Selector, owners: Mapping[HtmlElement, str]) -> dict[str, str]:
    """Return the date of each article whose clock stands in a block with links to this article only."""
    dates: dict[str, str] = {}
    for clock in select(node, _CLOCK)[:_MOST_CLOCKS]:
        owner = next((owners[around] for around in clock.root.iterancestors() if around in owners), _MANY)
        when = parse_when(line(clock.xpath("..")[0])) if owner else None
        if when:
            dates.setdefault(owner, when)
    return dates


def _next_page(node: Selector, base: str) -> tuple[Fetch, ...]:
    """Return the page after this one in the same list: the smallest higher number in the pager."""
    stem, here = _numbered(base)
    links = (absolute(link.attrib["href"], base) for link in select(node, "ul.pagination a[href]"))
    pages = {_numbered(url): url for url in links if url}
    later = min((number for same, number in pages if same == stem and number > here), default=None)
    return () if later is None else (Fetch(pages[stem, later]),)


def _numbered(url: str) -> tuple[str, int]:
    """Return the URL of a list without its page number, and that number; a list begins with page 1."""
    match = _PAGE_NUMBER.search(url)
    return unquote(_PAGE_NUMBER.sub("", url)).rstrip("/"), int(match["n"]) if match else 1


def _trusted(hint: Hint) -> Hint:
    """Return the hint with what is right in its date: of a feed only the day, its minutes are the month (section 8)."""
    return replace(hint, published=hint.published[:10]) if hint.source == "feed" and hint.published else hint


PLATFORM = NukeViet()
