"""What is wrong with feeds, with the line to change."""

from datetime import timedelta

from aggregator.model.feed import FeedStanding
from aggregator.model.incident import IncidentKind
from aggregator.settings.advice import advice_on
from tests.schedule.conftest import NOW, URL, make_feed, steady


def test_each_trouble_has_the_line_of_its_feed(tmp_path):
    (tmp_path / "sources.yaml").write_text(f"sources:\n  - id: news\n    name: N\n    url: {URL}\n")
    moved = make_feed(
        standing=FeedStanding.GONE,
        moved_to="https://new.example/feed",
        moved_seen=3,
        moved_since=NOW - timedelta(days=1),
    )
    unlisted = make_feed(url="https://old.example/", standing=FeedStanding.REFUSED, failure="403")
    gone, leads_on, refused = advice_on([moved, unlisted], tmp_path, NOW)
    assert gone.trouble.kind is IncidentKind.GONE
    assert gone.place == f"{tmp_path}/sources.yaml:4:5"
    assert gone.line == "sources.yaml:4:5"
    assert "url: https://new.example/feed" in leads_on.trouble.advice
    assert refused.place is refused.line is None


def test_the_line_follows_the_file(tmp_path):
    file = tmp_path / "sources.yaml"
    lines = []
    for before in ("", "# mine\n"):
        file.write_text(f"{before}sources:\n  - id: news\n    name: N\n    url: {URL}\n")
        lines += [
            one.line for one in advice_on([make_feed(standing=FeedStanding.GONE)], tmp_path, NOW)
        ]
    assert lines == ["sources.yaml:4:5", "sources.yaml:5:5"]


def test_where_nothing_is_wrong_the_file_is_not_looked_at(tmp_path):
    assert advice_on([make_feed(arrivals=steady(24))], tmp_path / "absent", NOW) == []
