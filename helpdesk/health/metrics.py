"""The service's numbers in the text form that Prometheus reads. The only place that knows prometheus_client.

No label holds more than the name of a state, an outcome or an alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from helpdesk.model.health import AlarmName, Figures

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class _FiguresCollector(Collector):
    """Turns the figures of the moment into metrics."""

    def __init__(self, figures: Callable[[], Figures]) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        figures = self._figures()
        yield _gauges("helpdesk_messages", "Messages that wait for something, by state.", "state", figures.messages)
        yield _gauges("helpdesk_outbox", "Outgoing mails that were not sent, by state.", "state", figures.outbox)
        waiting = figures.oldest_waiting.total_seconds() if figures.oldest_waiting else 0.0
        yield GaugeMetricFamily("helpdesk_outbox_oldest_seconds", "How long the oldest mail in the outbox has waited.", waiting)
        if figures.last_poll_at is not None:
            yield GaugeMetricFamily(
                "helpdesk_last_poll_timestamp_seconds",
                "When the folder that was read longest ago was read.",
                figures.last_poll_at.timestamp(),
            )
        polls = {"ok": figures.polls, "failed": figures.failed_polls}
        yield _counters("helpdesk_polls", "Polls of the mailbox by this worker, by result.", "result", polls)
        yield _counters("helpdesk_deliveries", "Tries to send by this worker, by outcome.", "outcome", figures.deliveries)
        standing = {name.value: int(name.value in figures.alarms) for name in AlarmName}
        yield _gauges("helpdesk_alarm", "1 for each alarm that stands.", "name", standing)


class Metrics:
    def __init__(self, figures: Callable[[], Figures]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_FiguresCollector(figures))

    def text(self) -> bytes:
        """What `/metrics` answers."""
        return generate_latest(self._registry)


def _gauges(name: str, meaning: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family


def _counters(name: str, meaning: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, meaning, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family
