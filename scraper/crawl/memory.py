"""The memory a crawl holds, watched while it runs."""

from __future__ import annotations

import resource
from pathlib import Path

from scrapy.extensions import memusage

_PAGES = Path("/proc/self/statm")  # on Linux; its second number is what the process holds now


class MemoryUsage(memusage.MemoryUsage):
    """Scrapy's watch over MEMUSAGE_LIMIT_MB, by what the process holds now.

    Scrapy asks for the peak, which on Linux begins with that of the process which started this one (execve keeps it):
    a crawl that was started by a large program would end at once.
    """

    def get_virtual_size(self) -> int:
        """Return the bytes of memory that this process holds."""
        if not _PAGES.exists():
            return super().get_virtual_size()
        return int(_PAGES.read_text("ascii").split()[1]) * resource.getpagesize()
