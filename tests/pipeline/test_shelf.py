"""The shelf: documents in memory and as files, whole or not at all."""

import gzip
from datetime import UTC, datetime

import pytest

from aggregator.pipeline.shelf import Shelf, write_atomically

NOW = datetime(2026, 11, 24, 12, 0, 0, 5, tzinfo=UTC)


def test_what_is_put_is_served_and_lies_below_the_folder(tmp_path):
    shelf = Shelf(tmp_path)
    assert shelf.put("feeds/all.rss", b"<rss/>", NOW)
    document = shelf.get("feeds/all.rss")
    assert document is not None
    assert (tmp_path / "feeds/all.rss").read_bytes() == document.body == b"<rss/>"
    assert gzip.decompress(document.compressed) == b"<rss/>"
    assert document.etag != document.compressed_etag
    assert document.modified_at.microsecond == 0
    assert document.media_type.startswith("application/rss+xml")


def test_the_same_bytes_again_change_nothing(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.put("a.json", b"{}", NOW)
    before = shelf.get("a.json")
    written_at = (tmp_path / "a.json").stat().st_mtime_ns
    assert not shelf.put("a.json", b"{}", NOW.replace(hour=13))
    assert shelf.get("a.json") is before
    assert (tmp_path / "a.json").stat().st_mtime_ns == written_at


def test_a_restarted_shelf_leaves_equal_files_alone_and_gives_the_same_etag(tmp_path):
    first, second = Shelf(tmp_path), Shelf(tmp_path)
    first.put("a.json", b"{}", NOW)
    inode = (tmp_path / "a.json").stat().st_ino
    second.put("a.json", b"{}", NOW)
    assert (tmp_path / "a.json").stat().st_ino == inode
    assert first.get("a.json") == second.get("a.json")


def test_a_symbolic_link_in_a_document_s_place_is_replaced_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"{}")
    root = tmp_path / "public"
    root.mkdir()
    (root / "a.json").symlink_to(outside)
    Shelf(root).put("a.json", b"{}", NOW)
    assert not (root / "a.json").is_symlink()


def test_a_dropped_document_is_gone(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.put("a.json", b"{}", NOW)
    shelf.drop("a.json")
    shelf.drop("never.json")
    assert shelf.get("a.json") is None
    assert shelf.names() == ()
    assert not (tmp_path / "a.json").exists()


def test_a_failed_write_leaves_the_old_file_and_no_scrap(tmp_path, monkeypatch):
    file = tmp_path / "a.json"
    file.write_bytes(b"old")

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("aggregator.pipeline.shelf.os.fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_atomically(file, b"new")
    assert file.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]


def test_what_is_private_is_served_but_has_no_file(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.put("feeds/mine.rss", b"<rss/>", NOW)
    shelf.put("feeds/mine.rss", b"<rss>2</rss>", NOW, private=True)
    assert shelf.get("feeds/mine.rss") is not None
    assert not (tmp_path / "feeds/mine.rss").exists()
