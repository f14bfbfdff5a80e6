"""Captures: a page as it was answered, where its bytes lie, and what it says about the articles of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Via = Literal["live", "warc", "wayback", "commoncrawl", "file"]


@dataclass(frozen=True, slots=True)
class Page:
    """One captured response as extraction sees it: bytes and headers, no network and no clock behind it.

    `headers` has lower-case names; `body` is decoded of any Content-Encoding; `fetched_at` is UTC with Z.
    """

    url: str
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fetched_at: str = ""

    @property
    def mime(self) -> str:
        """The media type without its parameters, in lower case; empty when the server sent none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Capture:
    """Where the bytes of one response lie: file (relative to the data directory), offset, digest of the payload.

    `tls` is "unverified" where nobody checked that the server's certificate was its own.
    """

    id: str
    portal: str
    url: str
    fetched_at: str
    via: Via
    status: int
    mime: str
    sha256: str
    warc: str
    offset: int
    tls: Literal["unverified"] | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """What a listing, feed, sitemap or REST answer said about an article: how to find and date it, never its text."""

    url: str
    source: Literal["listing", "feed", "sitemap", "rest"] = "listing"
    published: str | None = None
    section: str | None = None
    title: str | None = None
