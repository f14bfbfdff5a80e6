"""One numbered document: what is known of it, and the articles that announce or cite it."""

from __future__ import annotations

from flask import Blueprint, render_template

from archive.models import DocumentEntry, NotFound, Place
from webui.reading import get_archive

bp = Blueprint("document", __name__)
MOST_ASKED = 5  # articles that are asked which place their issuer is of


@bp.get("/documents/<document_id>")
def show(document_id: str) -> str:
    """Show a document with the articles that tell of it."""
    found = get_archive().get_document(document_id)
    return render_template("document.html", document=found, place=_issuer_place(found))


def _issuer_place(document: DocumentEntry) -> Place | None:
    """Return the district of the issuer ("UBND huyện Gia Viễn") as an article about it names it; None for any other."""
    issuer = (document.issuer or "").lower()
    for naming in document.articles[:MOST_ASKED] if issuer else ():
        try:
            places = get_archive().get_entry(naming.article).enrichment.places
        except NotFound:
            continue
        for place in places:
            if issuer.endswith(place.name.lower()):
                return place
    return None
