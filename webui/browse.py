"""Where the archive's articles come from: the portals, how well each is covered, and when it was last read."""

from __future__ import annotations

from flask import Blueprint, render_template

from webui.reading import get_archive

bp = Blueprint("browse", __name__)


@bp.get("/sources")
def sources() -> str:
    """List the portals with what is held of each and how its last run ended."""
    archive = get_archive()
    return render_template("sources.html", states=archive.portal_states(), totals=archive.totals())
