"""Where feeds stand in sources.yaml."""

import pytest

from aggregator.settings.places import feed_places


def test_short_and_full_form_are_found_at_line_and_column(tmp_path):
    file = tmp_path / "sources.yaml"
    file.write_text(
        "# mine\n"
        "sources:\n"
        "  - id: a\n"
        "    name: A\n"
        "    url: https://a.example/feed\n"
        "  - id: b\n"
        "    name: B\n"
        "    feeds:\n"
        "      - url: https://b.example/1\n"
        "      - {kind: video, url: https://b.example/2}\n"
    )
    assert feed_places(tmp_path) == {
        ("a", "https://a.example/feed"): f"{file}:5:5",
        ("b", "https://b.example/1"): f"{file}:9:9",
        ("b", "https://b.example/2"): f"{file}:10:23",
    }


@pytest.mark.parametrize("text", ["", "[1, 2]", "sources: 3", "sources: [1]", "a: [", "\x00"])
def test_what_cannot_be_read_has_no_places(tmp_path, text):
    (tmp_path / "sources.yaml").write_text(text)
    assert feed_places(tmp_path) == {}


def test_without_a_file_there_are_none(tmp_path):
    assert feed_places(tmp_path) == {}
