"""Counts and durations for Prometheus, in a registry of our own so that tests can repeat."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """What the daemon counts; labels are few and bounded, never a URL."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.polls = self._counter("polls", "Polls of feeds, by how they ended", ["outcome"])
        entries = self._counter("entries", "Entries stored", ["change"])
        self.new_entries, self.updated_entries = entries.labels("new"), entries.labels("updated")
        self.placements = self._counter(
            "placements", "Entries placed in stories, by layer", ["layer"]
        )
        self.received = self._counter("received_bytes", "Bytes of feed bodies received", [])
        self.items = self._counter("items", "Items written to outputs", [])
        self.plain_items = self._counter(
            "plain_items", "Items that only their plain-text version could carry", []
        )
        self.refused_documents = self._counter(
            "refused_documents", "Documents of ours that were not sound: the old one stayed", []
        )
        self.notifications = self._counter("notifications", "Stories told of, by end", ["outcome"])
        self.pings = self._counter("websub_pings", "Pings of the hub, by end", ["outcome"])
        self.log = Gauge(
            "aggregator_log_entries", "Entries that wait to be understood", registry=self.registry
        )
        self.step_seconds = Histogram(
            "aggregator_step_seconds",
            "Duration of a step of the flow",
            ["step"],
            buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300),
            registry=self.registry,
        )

    def _counter(self, name: str, text: str, labels: list[str]) -> Counter:
        return Counter(f"aggregator_{name}", text, labels, registry=self.registry)

    def render(self) -> bytes:
        """Return the exposition text."""
        return generate_latest(self.registry)
