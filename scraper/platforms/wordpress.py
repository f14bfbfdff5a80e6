"""WordPress, with any theme and any permalink form; its markup as in portals.md sections K and 8."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import unescape
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from parsel import Selector

from archive.models import Article, ExtractError, Fetch, Hint, Listing, Page, Portal, PublishedSource
from archive.text import clean_line, language
from scraper.reading.links import absolute, file_links, image_urls, xml_listing
from scraper.reading.page import (
    Layout,
    canonical,
    decode,
    find_layout,
    line,
    named_source,
    parse_stamp,
    parse_when,
    prose,
    tree,
    updated_after,
)
from scraper.reading.reader import Family, read_article
from scraper.reading.select import select

_FINGERPRINT = re.compile(
    rb'/wp-content/(?:themes|plugins)/|/wp-includes/|content="WordPress |//wordpress\.org/(?:\?v=|")|/wp-sitemap'
    rb'|https:(?:\\?/){2}api\.w\.org\b|"wp:(?:attachment|featuredmedia|term)"'
)

_AUTHOR = ".byline a, .author.vcard, .post-author a, .posted-by a, a[rel=author], .author-name, .author-title"
_CATEGORY = ".cat-links a, .entry-categories a, a[rel~=category]"
_LAYOUTS = (
    Layout(
        name="block",
        title="h1.wp-block-post-title",
        body=".wp-block-post-content",
        date=".wp-block-post-date:not(.wp-block-post-date__modified-date) time",
        author=".wp-block-post-author__name, .wp-block-post-author-name, .wp-block-post-author",
        section=".taxonomy-category a",
    ),
    Layout(
        name="classic",
        title="h1.entry-title",
        body=".entry-content",
        date="time.published, time.entry-date, .entry-date, .posted-on time, .post-date",
        author=_AUTHOR,
        section=_CATEGORY,
    ),
    # Themes sold for news sites and page builders (Elementor, portals.md section H-L) keep little of the above.
    Layout(
        name="magazine",
        title="h1.post-title, h1[class*=title]:not([class*=site]), .single .entry-title, article h1, main h1",
        body=".entry-content, .td-post-content, .post-content, .single-content, [itemprop=articleBody],"
        " .elementor-widget-theme-post-content",
        date="time[itemprop=datePublished], time.published, .entry-date, article time[datetime], .post-date,"
        " .elementor-post-info__item--type-date, .post-meta .date, .entry-meta .date, .meta-date",
        author=_AUTHOR,
        section=_CATEGORY,
    ),
)
# Pages put together in a builder bear no mark but that they show one post: the text tells (portals.md sections H to L).
_BUILT = Family("wordpress", (), (".rt-holder, .elementor-widget-post-navigation, .elementor-location-footer",))
_NO_TEXT = (
    ".wp-block-file, .wp-block-embed__wrapper, .wp-embedded-content, .page-links, .post-nav-links, .author-box, .ssba",
    "#ez-toc-container, .lwptoc, #toc_container, .kk-star-ratings, .post-views, .blog-share, .essb_links",
    ".addtoany_share_save_container, .heateor_sss_sharing_container",
)
# Around the dates, authors and sections of other posts and of comments.
_ELSEWHERE = re.compile(r"(?:^| )(?:wp-block-(?:query|post-template|latest|comment)|comment|widget|sidebar|related)")
_NOT_A_POST = frozenset(("attachment", "single-attachment", "single-product", "page", "archive", "search", "error404"))
_CONTINUED = re.compile(r"(?:single-)?paged-(?!1$)\d+")

# Addresses that are never an article's, whatever the permalink form (portals.md section 8).
_NO_ARTICLE = re.compile(
    r"/(?:index\.php/)?(?:wp-(?:admin|content|includes|json)|feed|category|tag|author|search|comments|type|page)(?:/.*)?"
    r"|(?:/index\.php)?(?:/date)?/(?:19|20)\d\d(?:/\d{1,2}){0,2}"
    r"|.*/(?:feed|embed|trackback)(?:/(?:rss2?|atom|rdf))?|.*/page/\d+|.*/attachment/.*"
    r"|.*\.(?:php|xml|xsl|json|txt|css|js|ico|jpe?g|png|gif|svg|webp|mp[34]|pdf|docx?|xlsx?|pptx?|zip|rar)",
    re.IGNORECASE | re.DOTALL,
)
_LIST_QUERIES = frozenset(
    ("s", "cat", "tag", "author", "m", "paged", "page_id", "attachment_id", "feed", "rest_route", "preview", "taxonomy")
)
_OTHER_VIEW = re.compile(r"/(?:amp|comment-page-\d+)$")
_DATE_IN_PATH = re.compile(r"/((?:19|20)\d\d)/(\d\d)/(\d\d)/")
_LINK_NEXT = re.compile(r"<([^<>]{1,2000})>;\s*rel=\"next\"")
_REST_POSTS = "wp-json/wp/v2/posts?per_page=100&_fields=link,type,date_gmt,title,content.protected"
_MOST = 100  # matches looked at on one page; archives show 10 to 100 posts
_CARDS = (
    ".wp-block-post-title a, .entry-title a, .post-title a, a.tpg-post-link, h2 > a[rel=bookmark], .elementor-post__title a,"
    " article.type-post > h2 > a, article.type-post > h3 > a"
)
_CARD = (
    "ancestor::*[contains(@class, 'type-post') or contains(@class, 'hentry') or contains(@class, 'rt-holder')"
    " or self::article][1]"
)
_CARD_DATES = "[class*=date], .posted-on, .entry-meta, .post-meta"
_NEXT = (
    "a.wp-block-query-pagination-next, a.next.page-numbers, a.next.page-number, a.nextpostslink,"
    " .posts-navigation .nav-previous a"
)
_POST_SITEMAP = re.compile(r"/(?:wp-sitemap-posts-post|post-sitemap|news-sitemap|sitemap-pt-post)[^/]*$")
_BY = re.compile(r"^(?:By|Bởi|Viết bởi|Đăng bởi|Tác giả)\b:?\s*", re.IGNORECASE)


class WordPress:
    """WordPress: an article's path is its key; the page itself says whether it is a post."""

    name: ClassVar[str] = "wordpress"

    def fingerprint(self, page: Page) -> bool:
        """Say whether WordPress made the page, feed, sitemap or REST answer."""
        return _FINGERPRINT.search(page.body) is not None

    def article_key(self, url: str) -> str | None:
        """Return the decoded path without the slash at its end, or `?p=ID`; None for what is never an article.

        A page, or a list under a renamed base (`/chuyen-muc/x`), has a key too: only `is_article` can tell.
        """
        try:
            parts = urlsplit(url)
            query = parse_qs(parts.query, keep_blank_values=True)
        except ValueError:
            return None
        path = _OTHER_VIEW.sub("", unquote(parts.path).rstrip("/"))
        if not _LIST_QUERIES.isdisjoint(query):
            return None
        if path in ("", "/index.php"):
            number = query.get("p", [""])[0]
            return f"?p={number}" if number.isdecimal() else None
        return None if _NO_ARTICLE.fullmatch(path) else path

    def is_article(self, page: Page, portal: Portal) -> bool:
        """Say whether the page shows one post: not a page, an archive, an attachment, nor a password form."""
        if page.status != 200:
            return False
        node = tree(page)
        shown = find_layout(node, _LAYOUTS, portal.selectors) is not None and _is_single(node)
        return (shown or _is_built(node)) and not select(node, "form.post-password-form")

    def extract(self, page: Page, portal: Portal) -> Article:
        """Return the article; raise ExtractError when the URL, the title or the body is not an article's."""
        key = self.article_key(page.url)
        node = tree(page)
        layout = find_layout(node, _LAYOUTS, portal.selectors)
        if key is not None and layout is None and _is_built(node):
            return read_article(page, portal, key, _BUILT)
        if key is None or layout is None:
            raise ExtractError(f"no {'article has such a URL' if key is None else 'title and body of a known layout'}")
        body = select(node, layout.body)[0]
        title, text = line(select(node, layout.title)[0]), prose(body, _NO_TEXT)
        published, source = _published(node, layout, page.url)
        return Article(
            portal=portal.name,
            key=key,
            url=canonical(page.url),
            title=title,
            body=text.lines,
            kinds=text.kinds,
            section=line(_own(node, layout.section)),
            summary=line(_own(node, layout.summary)),
            author=_BY.sub("", line(_own(node, layout.author))),
            source=named_source(text.lines),
            language=language("\n".join((title, *text.lines))),
            attachments=file_links(body, page.url),
            images=image_urls([*select(node, ".wp-block-post-featured-image, .post-thumbnail")[:1], body], page.url),
            published=published,
            published_source=source,
            updated=updated_after(published, _edited(node)),
            extracted_by=f"wordpress/{layout.name}/1",
        )

    def start(self, portal: Portal) -> tuple[Fetch, ...]:
        """Return the first page of every section (the home page without any), and REST, which names and dates all."""
        sections = portal.sections or {"": ""}
        listings = (Fetch(urljoin(portal.home, path), section=name or None) for name, path in sections.items())
        return (*listings, Fetch(urljoin(portal.home, _REST_POSTS)))

    def parse_listing(self, page: Page, portal: Portal) -> Listing:
        """Return the posts and next page of an archive or REST answer, the posts of a feed or sitemap."""
        if page.status != 200 or not page.body.strip():
            return Listing()
        if page.mime == "application/json" or page.body.lstrip()[:1] in (b"[", b"{"):
            return _rest(page)
        found = xml_listing(page)
        if found is not None:
            return _posts_only(found, page.url)
        node = tree(page)
        return Listing(_cards(node, page.url), _next_page(node, page.url))


def _is_single(node: Selector) -> bool:
    """Say whether the body's classes, which WordPress itself writes, name one post; without them, whether one is there.

    The second page of a post in pages (`single-paged-2`) is none: its first page has the same title and key.
    """
    classes = set(node.css("body::attr(class)").get("").split())
    if any(map(_CONTINUED.fullmatch, classes)):
        return False
    if "single-post" in classes or not _NOT_A_POST.isdisjoint(classes):
        return "single-post" in classes
    return "single" in classes or len(select(node, "article .entry-content")) == 1


def _is_built(node: Selector) -> bool:
    """Say whether a page without a known layout is one post, by WordPress's own classes or by Elementor's."""
    classes = set(node.css("body::attr(class)").get("").split())
    marked = "single-post" in classes or bool(select(node, ".elementor-location-single"))
    return marked and _NOT_A_POST.isdisjoint(classes) and not any(map(_CONTINUED.fullmatch, classes))


def _own(node: Selector, css: str) -> Selector | None:
    """Return the first match that belongs to the article itself, not to another post, a comment or a widget."""
    return next((found for found in select(node, css)[:_MOST] if not _is_elsewhere(found)), None) if css else None


def _is_elsewhere(found: Selector) -> bool:
    around = (element for element in found.root.iterancestors() if element.tag != "body")
    return any(element.tag == "aside" or _ELSEWHERE.search(element.get("class", "")) for element in around)


def _published(node: Selector, layout: Layout, url: str) -> tuple[str | None, PublishedSource | None]:
    """Return the date and where it was found: on the page, in its head (SEO plugins), in the path."""
    shown = _shown_time(_own(node, layout.date))
    if shown:
        return shown, "page"
    stamp = parse_stamp(node.css("meta[property='article:published_time']::attr(content)").get(""))
    if stamp:
        return stamp, "meta"
    day = _DATE_IN_PATH.search(url)
    return ("-".join(day.groups()), "url") if day else (None, None)


def _shown_time(shown: Selector | None) -> str | None:
    if shown is None:
        return None
    return parse_stamp(shown.attrib.get("datetime", "")) or parse_when(line(shown))


def _edited(node: Selector) -> str:
    """Return the time of the last edit that theme or SEO plugin print; `updated published` on one element is none."""
    shown = _own(node, "time.updated:not(.published), .wp-block-post-date__modified-date time")
    meta = node.css("meta[property='article:modified_time']::attr(content)").get("")
    return (shown.attrib.get("datetime", "") if shown is not None else "") or meta


def _cards(node: Selector, base: str) -> tuple[Hint, ...]:
    hints: dict[str, Hint] = {}
    for link in select(node, _CARDS)[:_MOST]:
        url = absolute(link.attrib.get("href", ""), base)
        card = next(iter(link.xpath(_CARD)), None)
        if url is None or PLATFORM.article_key(url) is None or _is_protected(card):
            continue
        hints.setdefault(url, Hint(url, "listing", _card_date(card), _card_section(card), line(link) or None))
    return tuple(hints.values())


def _is_protected(card: Selector | None) -> bool:
    return card is not None and "post-password-required" in card.attrib.get("class", "").split()


def _card_date(card: Selector | None) -> str | None:
    shown = None if card is None else next(iter(select(card, "time[datetime]:not(.updated), time.published")), None)
    if shown is not None:
        return parse_stamp(shown.attrib.get("datetime", ""))
    printed = (parse_when(line(found)) for found in select(card, _CARD_DATES)[:_MOST]) if card is not None else ()
    return next(filter(None, printed), None)


def _card_section(card: Selector | None) -> str | None:
    return None if card is None else line(next(iter(select(card, f".taxonomy-category a, {_CATEGORY}")), None)) or None


def _next_page(node: Selector, base: str) -> tuple[Fetch, ...]:
    links = (absolute(link.attrib["href"], base) for link in select(node, _NEXT) if "href" in link.attrib)
    return tuple(Fetch(url) for url in links if url)[:1]


def _posts_only(found: Listing, url: str) -> Listing:
    """Return a feed or sitemap without what is no post; a sitemap's date is of the last edit, so it is left out."""
    if found.next:
        return Listing(next=tuple(fetch for fetch in found.next if _POST_SITEMAP.search(fetch.url)))
    posts = tuple(hint for hint in found.hints if PLATFORM.article_key(hint.url) is not None)
    if all(hint.source == "feed" for hint in posts):
        return Listing(posts)
    return Listing(tuple(replace(hint, published=None) for hint in posts) if _POST_SITEMAP.search(url) else ())


def _rest(page: Page) -> Listing:
    """Return the posts of a REST answer (`/wp-json/wp/v2/posts`) and its next page, which stands in a header."""
    try:
        said = json.loads(decode(page))
    except ValueError:
        return Listing()
    following = _LINK_NEXT.search(page.headers.get("link", ""))
    posts = [post for post in (said if isinstance(said, list) else [said]) if isinstance(post, dict)]
    hints = tuple(hint for post in posts for hint in _rest_hint(post, page.url))
    return Listing(hints, (Fetch(unescape(following[1])),) if following and hints else ())


def _rest_hint(post: Mapping[str, Any], base: str) -> Iterator[Hint]:
    url = absolute(str(post.get("link", "")), base)
    is_post = post.get("type", "post") == "post" and "date_gmt" in post and not _nested(post, "content", "protected")
    if url and is_post and PLATFORM.article_key(url) is not None:
        title = clean_line(unescape(str(_nested(post, "title", "rendered") or "")))
        yield Hint(url, "rest", parse_stamp(f"{post['date_gmt']}Z"), title=title or None)


def _nested(post: Mapping[str, Any], outer: str, inner: str) -> object:
    return post[outer].get(inner) if isinstance(post.get(outer), dict) else None


PLATFORM = WordPress()
