"""From the store to readers: the ledger first, then the search index, changes only or all anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archive.enrich.claims.indicators import load_indicators
from archive.enrich.labels import province_of
from archive.index import Engine, IndexDamaged, index_document
from archive.ingest.changes import Watch
from archive.ledger import make_ledger
from archive.models import ArchiveError, Entry, IndexDocument
from archive.pledges import PledgeRow, Statement
from archive.store import Store

PLACES = 200  # whose pledges are committed together


def update_index(store: Store, engine: Engine) -> int:
    """Publish what changed in the store since the engine's last commit; return how many articles that were.

    The ledger is brought up to date first. An index that is missing, damaged or of another database is made anew.
    """
    update_ledger(store)
    try:
        since = engine.seq()
    except ArchiveError:
        since = -1
    latest = store.seq()
    if not 0 <= since <= latest or engine.database() != store.identity():
        return rebuild_index(store, engine)
    if since == latest:
        return 0
    try:
        engine.add(_counted(store, store.rows(since), count := [0]))
        engine.delete(store.access.buried(since))
        engine.commit(latest, store.identity())
    except IndexDamaged:
        return rebuild_index(store, engine)
    return count[0]


def rebuild_index(store: Store, engine: Engine, watch: Watch[Entry] = iter) -> int:
    """Make the whole index and the ledger anew from the store; return how many articles the index holds."""
    with store.transaction():
        store.ledger.unsettle()
    update_ledger(store)
    latest = store.seq()
    engine.reset()
    engine.add(_counted(store, watch(store.rows()), count := [0]))
    engine.commit(latest, store.identity())
    return count[0]


def _counted(store: Store, entries: Iterable[Entry], count: list[int]) -> Iterator[IndexDocument]:
    for entry in entries:
        count[0] += 1
        yield index_document(entry, province_of, store.texts.words(entry.article))


def update_ledger(store: Store) -> int:
    """Make the pledges of every place anew whose claims changed; return how many places that were.

    A few hundred places a transaction: killed between two, the rest is made the next time.
    """
    count = 0
    while places := store.ledger.unsettled(PLACES):
        with store.transaction():
            for place in places:
                store.ledger.settle(place, _pledge_rows(place, store.ledger.statements(place)))
        count += len(places)
    return count


def _pledge_rows(place: str, statements: Iterable[Statement]) -> Iterator[PledgeRow]:
    """Yield the pledges among the statements of a place as the store lists them."""
    indicators, province = load_indicators(), province_of(place)
    for pledge in make_ledger(statements, indicators):
        target = pledge.target
        yield PledgeRow(
            id=pledge.id,
            place=place,
            province=province,
            indicator=target.indicator,
            topic=indicators[target.indicator].topic,
            year=target.year,
            verdict=pledge.verdict.kind,
            published=pledge.sources[0].published,
        )
