"""What Prometheus is told: what this process did, and how the house stands when it asks."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.version import VERSION
from desk.sla import Metric
from desk.tickets import Status
from store.figures import Figures

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """A registry of its own; the counts are this process's, the gauges the database's."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._handled = Histogram(
            "guanxi_handled_seconds",
            "From the arrival of a row to its commit, by command",
            ["command"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._sent = Histogram(
            "guanxi_sent_seconds",
            "How long a call to a channel took, by what was sent and what became of it",
            ["kind", "outcome"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._errors = Counter("guanxi_errors", "What went wrong, by kind", ["kind"], registry=registry)
        Gauge("guanxi_build_info", "The version", ["version"], registry=registry).labels(VERSION).set(1)
        self._gauges = _Gauges(registry)

    def handled(self, seconds: float, command: str) -> None:
        """A command was handled, so long after it came in."""
        self._handled.labels(command).observe(seconds)

    def sent(self, seconds: float, kind: str, outcome: str) -> None:
        """A call to a channel ended after so long."""
        self._sent.labels(kind, outcome).observe(seconds)

    def error(self, kind: str) -> None:
        """Something went wrong."""
        self._errors.labels(kind).inc()

    def render(self, figures: Figures) -> bytes:
        """Everything in Prometheus' text format."""
        self._gauges.set(figures)
        return generate_latest(self._registry)


class _Gauges:
    """How the house stands, as the database said last."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(f"guanxi_{name}", meaning, labels, registry=registry)

        self._inbox_waiting = gauge("inbox_waiting", "Rows that wait to be handled")
        self._inbox_age = gauge("inbox_oldest_seconds", "Since when the oldest of them waits")
        self._parked = gauge("inbox_parked", "Rows that could not be handled and wait for a person")
        self._outbox_waiting = gauge("outbox_waiting", "Rows that wait to be sent or are being sent")
        self._outbox_age = gauge("outbox_oldest_seconds", "Since when the oldest of them waits")
        self._failed = gauge("outbox_failed", "Rows that did not arrive")
        self._tickets = gauge("tickets_open", "Tickets neither resolved nor closed", "status")
        self._breaches = gauge("sla_breaches_last_day", "Promises broken within 24 hours", "metric")
        self._overdue = gauge("sla_overdue", "Promises broken and still not kept", "metric")

    def set(self, figures: Figures) -> None:
        """Take these figures."""
        self._inbox_waiting.set(figures.inbox_waiting)
        self._inbox_age.set(figures.inbox_age)
        self._parked.set(figures.parked)
        self._outbox_waiting.set(figures.outbox_waiting)
        self._outbox_age.set(figures.outbox_age)
        self._failed.set(figures.failed)
        # What there is none of is said as 0, so that a graph falls instead of ending.
        _set_each(self._tickets, (each for each in Status if not each.is_over), figures.tickets)
        _set_each(self._breaches, Metric, figures.breaches)
        _set_each(self._overdue, Metric, figures.overdue)


def _set_each(gauge: Gauge, labels: Iterable[Status | Metric], counts: Mapping[str, int]) -> None:
    for label in labels:
        gauge.labels(label.value).set(counts.get(label.value, 0))
