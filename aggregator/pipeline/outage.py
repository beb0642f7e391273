"""Is it the network? When nobody answers any more, no publisher is to blame for it (B22)."""

from typing import Final

from aggregator.model.exchange import FetchFailed, Outcome
from aggregator.model.identifiers import HostKey
from aggregator.schedule.settle import NETWORK_DOWN

_UNREACHED: Final = frozenset({"dns", "timeout"})  # a refused connection reached its host
_HOSTS: Final = 5  # hosts in a row that could not be reached, with none between that could


class NetworkWatch:
    """Looks at how exchanges end, and tells failures of hosts from an outage of the whole network."""

    def __init__(self) -> None:
        self._unreached: set[HostKey] = set()

    def judge(self, host: HostKey, outcome: Outcome) -> Outcome:
        """Return the outcome; one of an outage as such, so that it is not held against the feed."""
        if not (isinstance(outcome, FetchFailed) and outcome.kind in _UNREACHED):
            self._unreached.clear()
            return outcome
        self._unreached.add(host)
        if len(self._unreached) < _HOSTS:
            return outcome
        return FetchFailed(
            url=outcome.url,
            severity=outcome.severity,
            kind=NETWORK_DOWN,
            message="no host can be reached: the network seems to be down",
            seconds=outcome.seconds,
        )
