"""How the commands that ingest say what they did: a line for each article, and a sum."""

from __future__ import annotations

from archive.ingest import Change, Tally
from archive.models import Json


def change_json(change: Change) -> Json:
    """Return the line that acknowledges one article."""
    article = change.article
    return {
        "id": change.id,
        "change": change.kind,
        "url": article.url,
        "title": article.title,
        "published": article.published,
    }


def in_words(tally: Tally) -> str:
    """Return what an ingest counted."""
    return (
        f"{tally.requests} responses: {tally.new} new, {tally.changed} changed, {tally.unchanged} unchanged articles, "
        f"{tally.problems} problems"
    )
