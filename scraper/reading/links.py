"""Pure helpers that read what a page points to: documents, images, and the articles in feeds and sitemaps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from html import unescape
from posixpath import basename
from urllib.parse import parse_qsl, unquote, urlsplit

from parsel import Selector
from w3lib.url import safe_url_string

from archive.models import Attachment, Fetch, Hint, Listing, Page
from archive.text import clean_line
from scraper.reading.page import HANOI, canonical, decode, line, parse_stamp

_FILE_TYPES = "pdf|docx?|xlsx?|pptx?|rtf|odt|ods|zip|rar|7z"
_FILE_TYPE = re.compile(rf"\.({_FILE_TYPES})$", re.IGNORECASE)
_NAMES_FILE = re.compile(rf"\.(?:{_FILE_TYPES})(?!\w)", re.IGNORECASE)
_VIEWERS = frozenset(("file", "url", "src"))  # parameters of pdf.js, Google Docs and Office that name the document
_SAYS_NOTHING = re.compile(
    r"(?:xem |tải |bấm vào )?(?:tại đây|ở đây|đây|về|xuống|file|chi tiết|tệp|văn bản|download)?\W*", re.IGNORECASE
)


def absolute(url: str, base: str) -> str | None:
    """Return the canonical http(s) URL that a page's link leads to, or None for an empty, other or broken one."""
    try:
        joined = canonical(url, base) if url.strip() else ""
    except ValueError:
        return None
    return safe_url_string(joined) if joined.startswith(("http://", "https://")) else None  # as it will be asked for


def file_type(name: str) -> str:
    """Return the extension of a document's name or URL path in lower case, empty for what is no document."""
    match = _FILE_TYPE.search(name)
    return match[1].lower() if match else ""


def file_links(node: Selector, base: str) -> tuple[Attachment, ...]:
    """Return the documents that the node links to or shows in a viewer, each once, in order.

    The name is the link's text, or the file's own name where that text says nothing ("Tải về", "tại đây").
    """
    files: dict[str, Attachment] = {}
    for link in node.css("a[href], iframe[src], embed[src], object[data]"):
        url = _document(next(link.attrib[name] for name in ("href", "src", "data") if name in link.attrib), base)
        if url is not None and url not in files:
            files[url] = Attachment(_file_name(line(link), url), url, file_type(urlsplit(url).path))
    return tuple(files.values())


def _document(link: str, base: str) -> str | None:
    url = absolute(link, base) if _NAMES_FILE.search(link) else None
    parts = urlsplit(url or "")
    if url is None or file_type(parts.path):
        return url
    viewed = (value for name, value in parse_qsl(parts.query) if name in _VIEWERS and file_type(value))
    return next((absolute(value, url) for value in viewed), None)


def _file_name(text: str, url: str) -> str:
    return basename(clean_line(unquote(urlsplit(url).path))) if _SAYS_NOTHING.fullmatch(text) else text


def image_urls(nodes: Iterable[Selector], base: str) -> tuple[str, ...]:
    """Return the addresses of the images below the nodes, each once; lazily loaded ones by their true source."""
    images = (image for node in nodes for image in node.css("img"))
    sources = (_source(image.attrib) for image in images)
    return tuple(dict.fromkeys(url for source in sources if (url := absolute(source, base))))


def _source(attributes: Mapping[str, str]) -> str:
    named = (attributes.get(name, "") for name in ("data-src", "data-lazy-src", "data-original", "src"))
    return next((source for source in named if source and not source.startswith("data:")), "data:")


_ROOT = re.compile(r"<(rss|feed|urlset|sitemapindex|html)[\s>]", re.IGNORECASE)
_HEAD = 4096  # characters within which the root element must begin


def xml_listing(page: Page) -> Listing | None:
    """Return the hints of a feed or sitemap, the next sitemaps of a sitemap index; None for any other page.

    RSS, Atom, sitemaps.org and its news extension. Every link is a hint (but a comment's is none): what is an article,
    the platform knows.
    """
    text = decode(page)
    root = _ROOT.search(text, 0, _HEAD)
    read = _READERS.get(root[1].lower()) if root else None
    if read is None:
        return None
    tree = Selector(text, type="xml")
    tree.remove_namespaces()
    return read(tree, page.url)


def _feed(tree: Selector, base: str) -> Listing:
    return Listing(hints=tuple(hint for item in tree.xpath("//item | //entry") for hint in _feed_hint(item, base)))


def _feed_hint(item: Selector, base: str) -> Iterator[Hint]:
    link = _said(item, "link[not(@href)]") or _said(item, "link[not(@rel) or @rel='alternate']/@href")
    url = absolute(link, base)
    if url and "#comment-" not in link:
        published = _rfc_time(_said(item, "pubDate")) or parse_stamp(_said(item, "published | date"))
        yield Hint(url, "feed", published, title=clean_line(unescape(_said(item, "title"))) or None)


def _sitemap(tree: Selector, base: str) -> Listing:
    found = ((absolute(_said(url, "loc"), base), url) for url in tree.xpath("//url"))
    dated = ((loc, parse_stamp(_said(url, "news/publication_date | lastmod"))) for loc, url in found if loc)
    return Listing(hints=tuple(Hint(loc, "sitemap", published) for loc, published in dated))


def _sitemap_index(tree: Selector, base: str) -> Listing:
    found = (absolute(_said(sitemap, "loc"), base) for sitemap in tree.xpath("//sitemap"))
    return Listing(next=tuple(Fetch(url) for url in found if url))


_READERS: Mapping[str, Callable[[Selector, str], Listing]] = {
    "rss": _feed,
    "feed": _feed,
    "urlset": _sitemap,
    "sitemapindex": _sitemap_index,
}


def _said(node: Selector, xpath: str) -> str:
    return clean_line(str(node.xpath(f"string({xpath})").get("")))


def _rfc_time(text: str) -> str | None:
    """Return the time of an RSS `pubDate` (RFC 822) in +07:00; one without a zone is taken as UTC."""
    try:
        moment = parsedate_to_datetime(text)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return zoned.astimezone(HANOI).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return None
