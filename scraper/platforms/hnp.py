"""HNP, the old hanoi.gov.vn: VietSoftware vPortal (VCMS portlets) on Liferay, and its Hoà Bình fork (portals.md C)."""

from __future__ import annotations

from typing import ClassVar

from archive.models import Page
from scraper.platforms.liferay import DROP, LAYOUTS, VPORTAL_LAYOUTS, VPORTAL_MARK, Liferay
from scraper.reading.reader import Family


class Hnp(Liferay):
    """vPortal: Liferay's addresses and paging, its own article pages.

    The key is the articleId, in `/-/hn/<instance>/<category>/<id>/` as in the portlet's parameters.
    """

    name: ClassVar[str] = "hnp"
    family: ClassVar[Family] = Family("hnp", (*VPORTAL_LAYOUTS, *LAYOUTS), DROP)

    def fingerprint(self, page: Page) -> bool:
        """Say whether a vPortal portlet is on the page."""
        return VPORTAL_MARK.search(page.body) is not None


PLATFORM = Hnp()
