"""One article: its text, the facts read in it and how each is known, its versions, its captures, how to cite it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter

from flask import Blueprint, render_template

from archive.masking import is_guarded
from archive.models import Article, Entry, NotFound
from archive.pledges import Pledge
from webui.changes import changes, shortened
from webui.passages import prose, spans
from webui.reading import get_archive

bp = Blueprint("article", __name__)
MOST_COMPARED = 10  # versions whose changes are shown, the latest ones
MOST_SAME = 20  # reprints that are named; a circular may stand on hundreds of portals


@bp.get("/articles/<article_id>")
def show(article_id: str) -> str:
    """Show an article with all that the archive knows about it."""
    archive = get_archive()
    entry = archive.get_entry(article_id)
    return render_template(
        "article.html",
        corrections=archive.corrections(entry.id),
        blanks=archive.blanks(entry.id),
        entry=entry,
        article=entry.article,
        prose=prose(entry.article, spans(entry.enrichment)),
        captures=sorted(entry.captures, key=attrgetter("fetched_at"), reverse=True),
        same=tuple(_same(entry)),
        pledges=_by_claim(archive.article_pledges(entry.id)),
        readings=archive.file_readings(entry.article),
        files_searched=not is_guarded(entry.enrichment),
    )


@bp.get("/articles/<article_id>/versions")
def versions(article_id: str) -> str:
    """List the versions of an article's text, the latest with what changed in each, word by word."""
    archive = get_archive()
    entry = archive.get_entry(article_id)
    newest = [version.n for version in entry.versions[-MOST_COMPARED - 1 :]]
    texts = {n: archive.get_version(article_id, n).text for n in newest}
    compared = {n: shortened(changes(texts[n - 1], texts[n])) for n in newest[1:]}
    return render_template("versions.html", entry=entry, article=entry.article, compared=compared)


@bp.get("/articles/<article_id>/versions/<int:n>")
def version(article_id: str, n: int) -> str:
    """Show the text of one version."""
    entry = get_archive().get_entry(article_id)
    found = next((version for version in entry.versions if version.n == n), None)
    if found is None:
        raise NotFound(f"article {article_id} has no version {n}")
    article = get_archive().get_version(article_id, n)
    return render_template("version.html", entry=entry, article=article, version=found, prose=prose(article))


def _by_claim(pledges: Iterable[Pledge]) -> Mapping[str, list[Pledge]]:
    """Return the pledges by the ids of the claims that make, answer or are a part of them."""
    found = defaultdict[str, list[Pledge]](list)
    for pledge in pledges:
        answers = (answer.statement for answer in pledge.answers)
        for claim in {statement.claim.id for statement in (*pledge.sources, *answers, *pledge.parts)}:
            found[claim].append(pledge)
    return found


def _same(entry: Entry) -> Iterator[Article]:
    """Yield the articles with equal text that the archive can still show."""
    for other in entry.same_as[:MOST_SAME]:
        try:
            yield get_archive().get_entry(other).article
        except NotFound:
            continue
