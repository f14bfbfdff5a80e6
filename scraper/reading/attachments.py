"""Find the files and pictures of an article as Liferay, vPortal and VNPT link them (portals.md, A to C)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename
from urllib.parse import unquote, urlsplit

from parsel import Selector

from archive.models import Attachment
from archive.text import clean_line
from scraper.reading.links import absolute, file_links, file_type, image_urls
from scraper.reading.page import line

_UUID = re.compile(r"/[0-9a-f]{8}-[0-9a-f-]{27}(?=[/?#]|$)", re.IGNORECASE)  # Liferay puts it behind the file's name
_DOWNLOAD = re.compile(r"downloadFile\([^()]{0,200},\s*'([^'()]{1,1000})'\s*\)")  # VNPT: no href
_ATTACHMENT_ID = re.compile(r"/download_attachment\?attachmentId=\w")  # vPortal: no name
_NAME = 12  # characters; a shorter link says "Tải về"
_NOT_A_PICTURE = re.compile(r"capt?cha|/icons?/|/themes?/|/logo|spacer|blank\.gif|reload_cap", re.IGNORECASE)


def find_attachments(node: Selector, base: str) -> tuple[Attachment, ...]:
    """Return the files that the node offers, each address once; `type` is the extension, empty where it is unknown."""
    found = (*file_links(node, base), *_cms_files(node, base))
    return tuple({file.url: file for file in reversed(found)}.values())[::-1]


def _cms_files(node: Selector, base: str) -> Iterator[Attachment]:
    for anchor in node.css("a"):
        address = _address(anchor)
        url = absolute(address, base) if address else None
        if url is None:
            continue
        name = clean_line(unquote(basename(_UUID.sub("", urlsplit(url).path))))
        text = line(anchor)
        named = not _ATTACHMENT_ID.search(url)
        yield Attachment(text if len(text) >= _NAME or not named else name, url, file_type(name if named else text))


def _address(anchor: Selector) -> str:
    """Return the address of the file that a link offers, as it stands there; empty for what may be any link."""
    href = anchor.attrib.get("href", "")
    script = _DOWNLOAD.search(anchor.attrib.get("onclick", "")) or _DOWNLOAD.search(href)
    if script:
        return script[1]
    return href if _UUID.search(href) or _ATTACHMENT_ID.search(href) else ""


def find_images(node: Selector, base: str) -> tuple[str, ...]:
    """Return the addresses of the pictures below the node, without captchas, icons and what belongs to the theme."""
    return tuple(url for url in image_urls((node,), base) if not _NOT_A_PICTURE.search(url))
