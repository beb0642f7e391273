"""The shelf: documents in memory and as files, whole or not at all."""

import gzip
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.pipeline.shelf import Shelf

NOW = datetime(2026, 11, 24, 12, 0, 0, 5, tzinfo=UTC)


async def test_what_is_put_is_served_and_lies_below_the_folder(tmp_path):
    shelf = Shelf(tmp_path)
    assert shelf.put("feeds/all.rss", b"<rss/>", NOW)
    document = shelf.get("feeds/all.rss")
    assert document is not None
    assert not (tmp_path / "feeds").exists()  # served before a slow disk has it
    await shelf.write_files()
    assert (tmp_path / "feeds/all.rss").read_bytes() == document.body == b"<rss/>"
    assert (tmp_path / "feeds/all.rss").stat().st_mode & 0o777 == 0o644
    assert document.etag != document.compressed_etag
    assert document.modified_at.microsecond == 0
    assert document.media_type.startswith("application/rss+xml")


def test_a_document_is_compressed_once_when_it_is_first_asked_for(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.put("feeds/all.rss", b"<rss/>" * 100, NOW)
    document = shelf.get("feeds/all.rss")
    assert document is not None
    assert gzip.decompress(document.compressed) == document.body
    assert document.compressed is document.compressed


async def test_the_same_bytes_again_change_nothing(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.put("a.json", b"{}", NOW)
    await shelf.write_files()
    before = shelf.get("a.json")
    written_at = (tmp_path / "a.json").stat().st_mtime_ns
    assert not shelf.put("a.json", b"{}", NOW.replace(hour=13))
    await shelf.write_files()
    assert shelf.get("a.json") is before
    assert (tmp_path / "a.json").stat().st_mtime_ns == written_at


async def test_b02_a_restarted_shelf_leaves_equal_files_alone_and_gives_the_same_etag(tmp_path):
    first, second = Shelf(tmp_path), Shelf(tmp_path)
    first.put("a.json", b"{}", NOW)
    await first.write_files()
    inode = (tmp_path / "a.json").stat().st_ino
    assert not second.put("a.json", b"{}", NOW)
    await second.write_files()
    assert (tmp_path / "a.json").stat().st_ino == inode
    assert first.get("a.json") == second.get("a.json")


async def test_b32_a_symbolic_link_in_a_document_s_place_is_replaced_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"{}")
    root = tmp_path / "public"
    root.mkdir()
    for name in ("a.json", ".a.json.new"):
        (root / name).symlink_to(outside)
    shelf = Shelf(root)
    shelf.put("a.json", b"{}", NOW)
    await shelf.write_files()
    assert [one.name for one in root.iterdir()] == ["a.json"]
    assert not (root / "a.json").is_symlink()
    assert outside.read_bytes() == b"{}"


@pytest.mark.parametrize(
    "name", ["../x.rss", "feeds/../../x.rss", "/tmp/x.rss", "feeds/\0.rss", ""]
)
def test_a68_no_document_lies_outside_of_the_folder(tmp_path, name):
    shelf = Shelf(tmp_path / "public")
    with pytest.raises(ValueError, match="no name of a document"):
        shelf.put(name, b"{}", NOW)
    with pytest.raises(ValueError, match="no name of a document"):
        shelf.drop(name)
    assert shelf.names() == ()


async def test_a_dropped_document_is_gone(tmp_path):
    shelf = Shelf(tmp_path)
    for name in ("a.json", "b.json"):
        shelf.put(name, b"{}", NOW)
        shelf.drop(name)
        await shelf.write_files()  # b.json never had a file
    shelf.drop("never.json")
    assert shelf.get("a.json") is None
    assert shelf.names() == ()
    assert list(tmp_path.iterdir()) == []


async def test_b03_b07_a_failed_write_leaves_the_old_file_and_no_scrap_and_is_made_up_for(
    tmp_path, monkeypatch
):
    file = tmp_path / "a.json"
    file.write_bytes(b"old")
    shelf = Shelf(tmp_path)
    shelf.put("a.json", b"new", NOW)

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("aggregator.pipeline.shelf.os.fsync", fail)
        with pytest.raises(OSError, match="No space"):
            await shelf.write_files()
    assert file.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]
    await shelf.write_files()
    assert file.read_bytes() == b"new"


async def test_what_is_private_is_served_but_has_no_file(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.put("feeds/mine.rss", b"<rss/>", NOW)
    await shelf.write_files()
    assert shelf.files() == ("feeds/mine.rss",)
    shelf.put("feeds/mine.rss", b"<rss/>", NOW, private=True)
    assert not (tmp_path / "feeds/mine.rss").exists()
    shelf.put("feeds/mine.rss", b"<rss>2</rss>", NOW, private=True)
    await shelf.write_files()
    assert shelf.get("feeds/mine.rss") is not None
    assert shelf.files() == ()
    assert not (tmp_path / "feeds/mine.rss").exists()
    shelf.put("feeds/mine.rss", b"<rss>2</rss>", NOW)
    await shelf.write_files()
    assert (tmp_path / "feeds/mine.rss").read_bytes() == b"<rss>2</rss>"


async def test_b04_a_file_is_whole_on_the_disk_before_it_has_its_name_and_its_folder_after(
    tmp_path, monkeypatch
):
    """A power cut between any two of these steps leaves the old file or the new one."""
    done = []
    sync, replace = os.fsync, Path.replace

    def synced(handle):
        done.append(("sync", Path(f"/proc/self/fd/{handle}").readlink().name))
        sync(handle)

    def replaced(self, target):
        done.append(("rename", self.name))
        return replace(self, target)

    monkeypatch.setattr("aggregator.pipeline.shelf.os.fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    shelf = Shelf(tmp_path)
    shelf.put("feeds/a.json", b"{}", NOW)
    await shelf.write_files()
    assert done == [("sync", ".a.json.new"), ("rename", ".a.json.new"), ("sync", "feeds")]


_PUBLISHER = r"""
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from aggregator.pipeline.shelf import Shelf

async def main():
    shelf = Shelf(Path(sys.argv[1]))
    for version in range(10**6):
        shelf.put("a.json", b"%d\n" % (version % 10) * 500_000, datetime.now(UTC))
        await shelf.write_files()
        print(version, flush=True)

asyncio.run(main())
"""


async def test_b03_a_reader_sees_whole_files_though_the_publisher_is_killed(tmp_path):
    file = tmp_path / "a.json"
    for _ in range(3):
        publisher = subprocess.Popen(
            [sys.executable, "-c", _PUBLISHER, str(tmp_path)],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
        )
        assert publisher.stdout is not None
        publisher.stdout.readline()
        for _ in range(60):
            body = file.read_bytes()
            assert body == body[:2] * 500_000
        publisher.kill()
        publisher.wait()
        publisher.stdout.close()
        body = file.read_bytes()
        assert body == body[:2] * 500_000
    shelf = Shelf(tmp_path)
    shelf.put("a.json", b"{}", NOW)
    await shelf.write_files()
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]
