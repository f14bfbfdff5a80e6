"""The archive that a request reads from: opened at its first use, closed when the request ends."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app, g

from archive.coverage import Extent
from archive.models import DataDir
from archive.runs import Alert
from archive.search import Archive
from archive.search.pledges import indicator_label
from webui.language import language


def init_app(app: Flask) -> None:
    """Close the archive of every request when it ends."""
    app.teardown_appcontext(_close)


def get_archive() -> Archive:
    """Return the archive of this request; raise ArchiveError when there is none to open."""
    if "archive" not in g:
        g.archive = open_another()
    return cast(Archive, g.archive)


def open_another() -> Archive:
    """Return an archive that outlives the request, for an answer that is still being sent: who asks closes it."""
    return cast(Archive, current_app.config["OPEN_ARCHIVE"](DataDir(current_app.config["DATA"])))


def extent() -> Extent:
    """Return what the counts on a page are of."""
    if "extent" not in g:
        g.extent = get_archive().extent()
    return cast(Extent, g.extent)


def open_alert(portal: str) -> Alert | None:
    """Return why a portal cannot be read now; None while it can."""
    return next((one.alert for one in get_archive().health((portal,))), None)


def place_name(place: str) -> str:
    """Return the name of a place with its province, or its id for one that the archive cannot name."""
    return get_archive().place_label(place)


def portal_title(portal: str) -> str:
    """Return the title of a portal, or its name when the archive does not know it."""
    return get_archive().portal_title(portal)


def topic_name(slug: str) -> str:
    """Return the name of a topic in the language of the request, or its slug for one that the archive cannot name."""
    return get_archive().topic_label(slug, language())


def indicator_name(indicator: str) -> str:
    """Return the name of an indicator in the language of the request, or its id for one that is unknown."""
    return indicator_label(indicator, language())


def _close(_: BaseException | None) -> None:
    archive = g.pop("archive", None)
    if archive is not None:
        archive.close()
