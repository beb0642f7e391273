"""An outage of the whole network is told from failures of hosts."""

from aggregator.model.exchange import FetchFailed, NotModified, Severity
from aggregator.model.feed import Validators
from aggregator.model.identifiers import HostKey
from aggregator.pipeline.outage import NetworkWatch

LOST = FetchFailed(url="u", severity=Severity.TEMPORARY, kind="dns", message="no such host")
REFUSED = FetchFailed(url="u", severity=Severity.TEMPORARY, kind="connect", message="refused")
FINE = NotModified(url="u", validators=Validators())


def kinds(watch: NetworkWatch, *outcomes) -> list[str | None]:
    return [
        getattr(watch.judge(HostKey(f"h{number}"), one), "kind", None)
        for number, one in enumerate(outcomes)
    ]


def test_five_hosts_in_a_row_that_cannot_be_reached_are_an_outage():
    assert kinds(NetworkWatch(), *[LOST] * 6) == ["dns"] * 4 + ["network_down"] * 2


def test_one_host_that_answers_anything_shows_that_the_network_is_there():
    watch = NetworkWatch()
    assert kinds(watch, *[LOST] * 4, REFUSED, *[LOST] * 4) == [
        *["dns"] * 4,
        "connect",
        *["dns"] * 4,
    ]
    assert kinds(watch, FINE, LOST) == [None, "dns"]


def test_one_host_alone_is_never_an_outage():
    watch = NetworkWatch()
    assert [watch.judge(HostKey("h"), LOST).kind for _ in range(9)] == ["dns"] * 9  # type: ignore[union-attr]  # it stays a failure
