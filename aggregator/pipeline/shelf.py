"""The shelf: what we publish, as bytes ready to be served and as files for any web server."""

import asyncio
import gzip
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path, PurePosixPath

MEDIA_TYPES = {
    ".rss": "application/rss+xml; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".json": "application/feed+json; charset=utf-8",
    ".opml": "text/x-opml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
}


@dataclass(frozen=True, kw_only=True)
class Document:
    """One published document: its bytes, with what a cache needs."""

    body: bytes
    etag: str  # strong, quoted, of the plain bytes
    modified_at: datetime  # whole seconds
    media_type: str

    @cached_property
    def compressed(self) -> bytes:
        """The body as gzip: made when it is first asked for, and once."""
        return gzip.compress(self.body, compresslevel=6, mtime=0)

    @property
    def compressed_etag(self) -> str:
        """The tag of the compressed bytes: strong and another, since the bytes are (RFC 9110 8.8.3)."""
        return f'{self.etag[:-1]}-gz"'


class Shelf:
    """Published documents by name (`feeds/all.rss`), in memory and below a folder.

    What is put can be served at once; its file is written by the next `write_files`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._documents: dict[str, Document] = {}
        self._due: dict[str, bytes] = {}  # files to write

    def get(self, name: str) -> Document | None:
        """Return a document, or None where nothing of that name is published."""
        return self._documents.get(name)

    def names(self) -> tuple[str, ...]:
        """Return the names of all that is published, sorted."""
        return tuple(sorted(self._documents))

    def files(self) -> tuple[str, ...]:
        """Return the names of what lies below the folder, sorted: nothing private does."""
        return tuple(name for name in self.names() if self._path(name).is_file())

    def put(self, name: str, body: bytes, modified_at: datetime, *, private: bool = False) -> bool:
        """Publish a document; tell whether its bytes are new.

        After a start the file tells: what it holds already is not new.
        What is `private` has no file: the folder may be served by anyone's web server.
        """
        old, path = self._documents.get(name), self._path(name)
        known = old is None or old.body == body  # else the file is known to hold other bytes
        filed = known and path.is_file() and not path.is_symlink() and path.read_bytes() == body
        self._due.pop(name, None)
        if private:
            path.unlink(missing_ok=True)
        elif not filed:
            self._due[name] = body
        if old is not None and old.body == body:
            return False
        self._documents[name] = Document(
            body=body,
            etag=f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"',
            modified_at=modified_at.replace(microsecond=0),
            media_type=MEDIA_TYPES.get(path.suffix, "application/octet-stream"),
        )
        return old is not None or not filed

    async def write_files(self) -> None:
        """Write the files of what was put, away from the event loop: a disk may take its time.

        What could not be written is tried again the next time.
        """
        due = dict(self._due)
        if due:
            await asyncio.to_thread(_replace_files, {self._path(n): due[n] for n in due})
        for name, body in due.items():
            if self._due.get(name) is body:
                del self._due[name]

    def forget(self, name: str) -> None:
        """Let a document go from memory; its file stays."""
        self._documents.pop(name, None)

    def drop(self, name: str) -> None:
        """Take a document and its file away."""
        self._documents.pop(name, None)
        self._due.pop(name, None)
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        """Return the file of a document; raise ValueError where it would lie elsewhere (A68)."""
        parts = PurePosixPath(name).parts
        if not parts or parts[0] == "/" or ".." in parts or "\0" in name:
            raise ValueError(f"{name!r} is no name of a document")
        return self._root / name


def _replace_files(bodies: Mapping[Path, bytes]) -> None:
    """Replace files, each whole or not at all: written beside their places, synced, renamed.

    All are written before the first is synced, since one sync takes most of the others along.
    """
    beside = {path: path.with_name(f".{path.name}.new") for path in bodies}
    try:
        for path, new in beside.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            new.unlink(missing_ok=True)  # of a process that was killed, or anything but a file
            new.write_bytes(bodies[path])
            new.chmod(0o644)
        for new in beside.values():
            _sync(new)
        for path, new in beside.items():
            new.replace(path)
    except BaseException:
        for new in beside.values():
            new.unlink(missing_ok=True)
        raise
    for folder in {path.parent for path in bodies}:
        _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
