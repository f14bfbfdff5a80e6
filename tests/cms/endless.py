"""A pager without end: it always offers one page more, and what is behind the last one differs from CMS to CMS."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape

from scraper.demo.answers import Answer, Request, page, redirect
from scraper.demo.site import Site
from tests.cms import generic
from tests.cms.simulated import PER_PAGE, Cms, missing

Past = Callable[[Site, str], Answer]


def repeated(site: Site, path: str) -> Answer:
    """Answer with the last page once more, as Liferay does."""
    section = site.find_section(path)
    listed = site.list_section(section) if section else ()
    return _listed(site, path, -(-len(listed) // PER_PAGE))


def redirected(site: Site, path: str) -> Answer:
    """Lead to the first page, as NukeViet does."""
    return redirect(path)


def absent(site: Site, path: str) -> Answer:
    """Say 404, as WordPress does."""
    return missing()


def empty(site: Site, path: str) -> Answer:
    """Answer with nothing at all, as VNPT and NewsZone do."""
    return page("")


def emptied(site: Site, path: str) -> Answer:
    """Answer with the frame of a list that holds no article, and a pager that still goes on."""
    return page(f'<html><body><div class="pagination"><a href="{path}?trang=99">99</a></div></body></html>')


def answer(past: Past, site: Site, request: Request) -> Answer | None:
    section = site.find_section(request.path)
    if section is None:
        return generic.answer(site, request)
    number = int(request.query.get("trang", "1"))
    within = (number - 1) * PER_PAGE < len(site.list_section(section))
    return _listed(site, request.path, number) if within else past(site, request.path)


def _listed(site: Site, path: str, number: int) -> Answer:
    section = site.find_section(path)
    listed = site.list_section(section) if section else ()
    shown = listed[(number - 1) * PER_PAGE : number * PER_PAGE]
    items = "".join(f'<div class="tin"><a href="{generic.url(a)}">{escape(a.title)}</a></div>' for a in shown)
    pager = f'<a href="{path}?trang={number + 1}">Trang sau</a>'
    return page(f'<html><body>{items}<div class="pagination">{pager}</div></body></html>')


ALL = tuple(
    Cms(f"endless-{past.__name__}", "generic", generic.CMS.source, generic.CMS.sections, partial(answer, past))
    for past in (repeated, redirected, absent, empty, emptied)
)
