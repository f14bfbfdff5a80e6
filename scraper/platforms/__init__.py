"""CMS families: one file each, found by its name; `get_platform` is the only door."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from archive.models import ArchiveError
from scraper.platforms.base import Platform


def platform_names() -> tuple[str, ...]:
    """Return the names of all platforms in alphabetical order, last the one that knows the pages of no other."""
    names = (module.name for module in iter_modules(__path__) if module.name != "base")
    return tuple(sorted(names, key=lambda name: (name == "generic", name)))


def get_platform(name: str) -> Platform:
    """Return the platform of that name; raise ArchiveError naming the known ones."""
    if name not in platform_names():
        raise ArchiveError(f"unknown platform {name!r}; known: {', '.join(platform_names())}")
    platform: Platform = import_module(f"{__name__}.{name}").PLATFORM
    return platform
