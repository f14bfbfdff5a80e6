"""HTML that can do nothing: no scripts, forms, frames, style sheets or loads from elsewhere.

Runs as a child process (`sanitise` starts it), for HTML that makes a parser take hours or gigabytes: nested blocks cost
quadratic time, formatting tags with different attributes multiply. It imports nothing of the project.
"""

from __future__ import annotations

import html
import json
import re
import resource
import sys

import nh3

CPU_SECONDS = 3
MEMORY = 1 << 29  # bytes

_TAGS = {
    "a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center",
    "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption",
    "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li",
    "main", "mark", "nav", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "small", "span",
    "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr",
    "tt", "u", "ul", "var", "wbr",
}  # fmt: skip
_WITH_CONTENT = {
    "applet", "canvas", "datalist", "embed", "frameset", "head", "iframe", "math", "noembed", "noframes",
    "noscript", "object", "plaintext", "script", "select", "style", "svg", "template", "textarea", "title", "xmp",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"align", "colspan", "dir", "height", "lang", "rowspan", "scope", "style", "title", "valign", "width"},
    "a": {"href"},
    "font": {"color", "size"},
    "img": {"alt", "src"},
    "ol": {"start", "type"},
    "td": {"headers"},
    "th": {"headers"},
    "time": {"datetime"},
}
# None of these can fetch anything.
_STYLES = {
    "color", "font-size", "font-style", "font-weight", "list-style-type", "margin-left", "padding-left",
    "text-align", "text-decoration", "text-indent", "text-transform", "vertical-align", "white-space", "width",
}  # fmt: skip
_IGNORED = re.compile(r"[\x00-\x20]")  # what browsers skip when they read a scheme
_DATA_IMAGE = re.compile(r"data:image/(?:png|gif|jpeg|webp);base64,", re.IGNORECASE)


def document(content: str, url: str) -> str:
    """Return captured HTML as an inert document; links lead to where they led when it was captured at the URL."""
    inert = nh3.clean(
        content,
        tags=_TAGS,
        clean_content_tags=_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        url_relative=("rewrite_with_base", url) if url.startswith(("http://", "https://")) else "deny",
        link_rel="nofollow noopener noreferrer ugc",
        filter_style_properties=_STYLES,
    )
    return f"<!DOCTYPE html>\n<html><head><title>{html.escape(url)}</title></head><body>\n{inert}\n</body></html>\n"


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return the value, or None to drop it: images only from data, links never to data."""
    if name == "src":
        return value if _DATA_IMAGE.match(value) else None
    if name == "href":
        return None if _IGNORED.sub("", value).lower().startswith("data:") else value
    return value


def main() -> None:
    """Read {"content", "url"} from standard input, write the document to standard output, within the limits."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked = json.load(sys.stdin.buffer)
    sys.stdout.buffer.write(document(asked["content"], asked["url"]).encode())


if __name__ == "__main__":
    main()
