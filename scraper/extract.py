"""Captured bytes to article: finds the portal and platform of a page and asks the platform what the page says. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from archive.captures import TEXT_MIME, TRUNCATED
from archive.legacy import repair
from archive.models import (
    Article,
    BodyKind,
    ExtractError,
    FileReading,
    Hint,
    Host,
    Listing,
    Page,
    Portal,
    Reading,
    short_id,
    with_hints,
)
from archive.text import clean, clean_line, language
from scraper.catalogue import Catalogue, bare_host
from scraper.limits import Limited, LimitExceeded
from scraper.platforms import get_platform, platform_names
from scraper.quarantine import gate_cookie, is_of_hackers, suspicion
from scraper.reading import office
from scraper.reading.page import parse_stamp, tree

MAX_HTML = 2 * 1024 * 1024  # what is larger is kept but not parsed (reliability.md section 3)
MAX_TAGS = 50_000
MAX_DEPTH = 2000  # of nested tags; from 2,048 on lxml drops text without a word
MAX_WORD = 20_000  # characters without a blank: 2 MB of them cost the analysis 640 MB
_SMALL_HTML = 200 * 1024  # up to here, and to so many tags, a page is read in this process: no page of a CMS is larger
_SMALL_TAGS = 4000
_NOTE = 200  # characters of the reason why a file cannot be read
_SAMPLE = 40  # pages of an unknown host that are looked at for a fingerprint
_limited = Limited(__name__)
_READABLE = frozenset(
    (
        "text/html",
        "application/xhtml+xml",
        "text/xml",
        "application/xml",
        "application/rss+xml",
        "application/atom+xml",
        "application/json",
        "",
    )
)


class PageRefused(ExtractError):
    """A page that is kept but not parsed: too large, nested too deep, too costly, or not whole."""


class Hacked(PageRefused):
    """A page of hackers at the address of an article."""


def extract(page: Page, portal: Portal, hints: Sequence[Hint] = ()) -> Article:
    """Return the article on the page; raise ExtractError when the page shows none or cannot be read."""
    reading = read(page, portal)
    if reading.article is None:
        raise ExtractError(f"{page.url} is not an article of a {portal.platform} portal")
    return with_hints(reading.article, tuple(hints))


def read(page: Page, portal: Portal) -> Reading:
    """Return what the page says: its article, or the hints of a listing; empty for what is neither.

    Raise ExtractError when the page should be an article and cannot be read.
    """
    if page.mime == TEXT_MIME:
        return Reading(_text_article(page, portal))
    if page.mime not in _READABLE:
        return Reading()
    _check_size(page)
    if TRUNCATED in page.headers:
        raise PageRefused(f"truncated ({page.headers[TRUNCATED]}): the page did not arrive whole; its bytes are kept")
    return read_here(page, portal) if is_small(page) else _read_apart("read_here", page, portal)


def _read_apart(function: str, page: Page, portal: Portal) -> Reading:
    """Read a page by that function of this module in a child process; raise PageRefused when it costs too much."""
    try:
        reading: Reading = _limited.call(function, page, portal)
    except LimitExceeded as limit:
        raise PageRefused(f"{limit}: the page costs too much to be read; its bytes are kept") from limit
    return reading


def read_here(page: Page, portal: Portal) -> Reading:
    """Read a page of a readable type in this process, however long it takes; otherwise as `read`."""
    platform = get_platform(portal.platform)
    try:
        _check_depth(page)
        if platform.article_key(page.url) is not None and gate_cookie(page.body):
            raise PageRefused("quarantined: a page that only sets a cookie; its bytes are kept")
        if platform.article_key(page.url) is not None and platform.is_article(page, portal):
            return Reading(_with_text(platform.extract(page, portal)))
        return Reading(hints=listing(page, portal).hints)
    except (RecursionError, ValueError) as error:
        raise ExtractError(f"{type(error).__name__}: {error}") from error


def _with_text(article: Article) -> Article:
    """Return the article as it is; raise ExtractError when it says nothing, or a "word" that no index should hold."""
    missing = "title" if not article.title else "text" if not (article.body or article.summary) else ""
    if missing:
        raise ExtractError(f"the {missing} of the article is empty")
    longest = max(len(word) for line in (article.title, article.summary, *article.body) for word in line.split())
    if longest > MAX_WORD:
        raise PageRefused(
            f"a word of {longest} characters; an article with one of more than {MAX_WORD} is kept but not read"
        )
    why = suspicion(article)
    if why:
        refusal = Hacked if is_of_hackers(why) else PageRefused
        raise refusal(f"quarantined: {why}; its bytes are kept")
    return article


def listing(page: Page, portal: Portal) -> Listing:
    """Return what a listing offers on the portal's own hosts: what it links elsewhere is no article of the portal."""
    found = get_platform(portal.platform).parse_listing(page, portal)
    own = {bare_host(host.name) for host in portal.hosts} | {bare_host(page.url)}
    return Listing(
        tuple(hint for hint in found.hints if bare_host(hint.url) in own),
        tuple(fetch for fetch in found.next if bare_host(fetch.url) in own),
    )


def _check_size(page: Page) -> None:
    if len(page.body) > MAX_HTML:
        raise PageRefused(f"{len(page.body)} bytes of HTML; more than {MAX_HTML} are kept but not parsed")
    tags = page.body.count(b"<")
    if tags > MAX_TAGS:
        raise PageRefused(f"{tags} tags; a page of more than {MAX_TAGS} is kept but not parsed")


def is_small(page: Page) -> bool:
    """Say whether a page can be read in this process: nothing of its size takes long. What is no text is not read at all."""
    if page.mime not in _READABLE:
        return True
    return len(page.body) <= _SMALL_HTML and page.body.count(b"<") <= _SMALL_TAGS


def _check_depth(page: Page) -> None:
    """Raise ExtractError for a page nested so deeply that the parser has lost what lies at the bottom."""
    if page.body.count(b"<") <= MAX_DEPTH or not page.body.strip():
        return
    depth = 0
    for event, _ in etree.iterwalk(tree(page).root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise PageRefused(f"depth: tags are nested more than {MAX_DEPTH} deep; the text below would be lost")


def article_id(url: str, portal: Portal) -> str | None:
    """Return the id of the article at the URL, or None when the URL is of no article."""
    key = get_platform(portal.platform).article_key(url)
    return short_id("1", portal.name, key) if key is not None else None


def recognise(host: str, pages: Iterable[Page]) -> Portal | None:
    """Return a portal named after an unknown host when one of its first pages bears a platform's fingerprint.

    Its place stays empty: a host name alone does not say who published there.
    """
    for page in islice((page for page in pages if len(page.body) <= MAX_HTML), _SAMPLE):
        name = (
            "text"
            if page.mime == TEXT_MIME
            else next((n for n in platform_names() if get_platform(n).fingerprint(page)), None)
        )
        if name is not None:
            scheme = urlsplit(page.url).scheme
            title = host or "Văn bản nhập từ tệp"
            return Portal(
                host or "text", title, name, (Host(host),) if host else (), f"{scheme}://{host}/" if host else ""
            )
    return None


def _text_article(page: Page, portal: Portal) -> Article:
    """Return the article of a text that came without its page ({id, url?, title, text, published?})."""
    said = json.loads(page.body)
    first, _, rest = repair(" ".join(said["title"].splitlines()) + "\n" + said["text"]).partition("\n")
    title, lines = clean_line(first), tuple(line for line in map(clean_line, rest.splitlines()) if line)
    kind: BodyKind = "p"
    if lines[:1] == (title,):
        lines = lines[1:]
    published = parse_stamp(str(said.get("published") or ""))
    return Article(
        portal=portal.name,
        key=get_platform(portal.platform).article_key(page.url) or page.url,
        url=page.url,
        title=title,
        body=lines,
        kinds=(kind,) * len(lines),
        language=language(clean("\n".join((title, *lines)))),
        published=published,
        published_source="meta" if published else None,
        extracted_by="text/jsonl/1",
    )


def read_file(page: Page) -> FileReading | None:
    """Return what a captured file says, or why it cannot be read; None for a page, a picture, and any other kind.

    What a file is, its bytes say: portals serve PDFs as anything. A page that begins like one is a page.
    """
    is_page = page.mime in _READABLE and page.mime != ""
    if is_page or page.mime.startswith("image/") or not office.is_document(page.body):
        return None
    size = len(page.body)
    try:
        read = office.read_file(page.body)
    except office.FileRefused as refused:
        note = clean_line(refused.reason)[:_NOTE]  # it may quote hostile bytes
        return FileReading(refused.outcome, size=size, note=note, extracted_by=office.READ_BY)
    note = f"goes on after {read.pages} pages and {read.size} characters, which are read" if read.more else ""
    text = "\n".join(read.lines)
    return FileReading("scan" if read.scan else "text", text, read.more, size, note, office.READ_BY)


@dataclass(frozen=True)
class Extraction:
    """Extraction with a catalogue behind it: what the archive's ingest asks (the `Extractor` protocol)."""

    catalogue: Catalogue

    def portals(self) -> tuple[Portal, ...]:
        """Return every portal of the catalogue."""
        return self.catalogue.portals

    def recognise(self, host: str, pages: Iterable[Page]) -> Portal | None:
        """Return a portal for an unknown host, or None."""
        return recognise(host, pages)

    def find_portal(self, url: str, fetched_at: str) -> Portal | None:
        """Return the catalogued portal that owned the URL's host at that time.

        Where a host has had several, the address of an article of one of them alone is that one's: a page may be saved
        long before it is imported, and the day on which a host changed hands is seldom known.
        """
        owner, owners = self.catalogue.find(url, fetched_at), self.catalogue.owners(url)
        if owner is None or len(owners) == 1 or article_id(url, owner) is not None:
            return owner
        return next((other for other in owners if article_id(url, other) is not None), owner)

    def get_portal(self, name: str) -> Portal:
        """Return the catalogued portal of that name; raise ArchiveError naming the nearest ones."""
        return self.catalogue.get(name)

    def article_id(self, url: str, portal: Portal) -> str | None:
        """Return the id of the article at a URL of the portal, or None."""
        return article_id(url, portal)

    def read(self, page: Page, portal: Portal) -> Reading:
        """Return what the page says; raise ExtractError when it should be an article and cannot be read."""
        return read(page, portal)

    def read_file(self, page: Page) -> FileReading | None:
        """Return what a captured file says, or why it cannot be read; None for what is no such file."""
        return read_file(page)


class WaryExtraction(Extraction):
    """Extraction that reads every page in a child process, be it ever so small: one may hang the process that reads it."""

    def read(self, page: Page, portal: Portal) -> Reading:
        """Return what the page says; raise ExtractError when it cannot be read or costs too much."""
        return _read_apart("read", page, portal)
