"""Figures for Prometheus: what the archive holds, and how each portal does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from archive.models import Totals
from archive.runs import Health, PortalState, Run
from webui.reading import get_archive

bp = Blueprint("metrics", __name__)
_TOTALS = {
    "articles": ("articles", "Articles held."),
    "articles_in_scope": ("in_scope", "Articles on labour and social affairs."),
    "captures": ("captures", "Captured responses that are open."),
    "problems": ("problems", "Captured responses that could not be read."),
    "index_lag": ("behind", "Changes of the database that the index does not show yet."),
}
_OF_PORTAL = {
    "articles": "Articles held of a portal.",
    "run_seconds": "How long the latest run of a portal took.",
    "run_requests": "Responses in the latest run of a portal.",
}


class Figures(Collector):
    """The figures of one request; a registry asks for them once."""

    def __init__(self, totals: Totals, states: Iterable[PortalState], healths: Iterable[Health]) -> None:
        self._totals, self._states, self._healths = totals, tuple(states), tuple(healths)

    def collect(self) -> Iterator[Metric]:
        """Yield every family of figures."""
        for name, (field, words) in _TOTALS.items():
            yield GaugeMetricFamily(f"ansinh_{name}", words, value=getattr(self._totals, field))
        yield from self._of_portals()
        yield from self._healthy()

    def _of_portals(self) -> Iterator[Metric]:
        families = {
            name: GaugeMetricFamily(f"ansinh_portal_{name}", words, labels=("portal",))
            for name, words in _OF_PORTAL.items()
        }
        for state in self._states:
            families["articles"].add_metric((state.portal.name,), state.articles)
            if state.last_run is not None:
                families["run_requests"].add_metric((state.portal.name,), state.last_run.requests)
                families["run_seconds"].add_metric((state.portal.name,), _seconds(state.last_run))
        yield from families.values()

    def _healthy(self) -> Iterator[Metric]:
        good = GaugeMetricFamily(
            "ansinh_portal_last_success_timestamp_seconds", "When a good run began last.", labels=("portal",)
        )
        failing = GaugeMetricFamily(
            "ansinh_portal_failing", "1 while a person is needed, with the cause.", labels=("portal", "cause")
        )
        for health in self._healths:
            failing.add_metric(
                (health.portal, health.alert.cause if health.alert else ""), int(health.alert is not None)
            )
            if health.last_good is not None:
                good.add_metric((health.portal,), datetime.fromisoformat(health.last_good).timestamp())
        yield good
        yield failing


def _seconds(run: Run) -> float:
    """Return how long a run took; 0 for one that has not ended."""
    if run.finished_at is None:
        return 0.0
    return (datetime.fromisoformat(run.finished_at) - datetime.fromisoformat(run.started_at)).total_seconds()


@bp.get("/metrics")
def metrics() -> Response:
    """Answer the figures as Prometheus reads them."""
    archive, registry = get_archive(), CollectorRegistry(auto_describe=False)
    registry.register(Figures(archive.totals(), archive.portal_states(), archive.health()))
    response = Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response
