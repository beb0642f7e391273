"""The shelf: what we publish, as bytes ready to be served and as files for any web server."""

import contextlib
import gzip
import hashlib
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

MEDIA_TYPES = {
    ".rss": "application/rss+xml; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".json": "application/feed+json; charset=utf-8",
    ".opml": "text/x-opml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One published document: its bytes, compressed once, with what a cache needs."""

    body: bytes
    compressed: bytes  # gzip
    etag: str  # strong, quoted, of the plain bytes
    compressed_etag: str  # strong and another, since the bytes are (RFC 9110 8.8.3)
    modified_at: datetime  # whole seconds
    media_type: str


class Shelf:
    """Published documents by name (`feeds/all.rss`), in memory and below a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._documents: dict[str, Document] = {}

    def get(self, name: str) -> Document | None:
        """Return a document, or None where nothing of that name is published."""
        return self._documents.get(name)

    def names(self) -> tuple[str, ...]:
        """Return the names of all that is published, sorted."""
        return tuple(sorted(self._documents))

    def put(self, name: str, body: bytes, modified_at: datetime, *, private: bool = False) -> bool:
        """Publish a document and write its file; tell whether its bytes are new.

        After a start the file tells: what it holds already is not new.

        The file is replaced as a whole or not at all: written beside its place, synced, renamed.
        What is `private` has no file: the folder may be served by anyone's web server.
        """
        old = self._documents.get(name)
        if old is not None and old.body == body:
            return False
        path = self._root / name
        filed = path.is_file() and not path.is_symlink() and path.read_bytes() == body
        digest = hashlib.blake2b(body, digest_size=12).hexdigest()
        self._documents[name] = Document(
            body=body,
            compressed=gzip.compress(body, compresslevel=6, mtime=0),
            etag=f'"{digest}"',
            compressed_etag=f'"{digest}-gz"',
            modified_at=modified_at.replace(microsecond=0),
            media_type=MEDIA_TYPES.get(Path(name).suffix, "application/octet-stream"),
        )
        if private:
            path.unlink(missing_ok=True)
        elif not filed:
            write_atomically(path, body)
        return old is not None or not filed

    def forget(self, name: str) -> None:
        """Let a document go from memory; its file stays."""
        self._documents.pop(name, None)

    def drop(self, name: str) -> None:
        """Take a document and its file away."""
        self._documents.pop(name, None)
        (self._root / name).unlink(missing_ok=True)


def write_atomically(path: Path, body: bytes) -> None:
    """Replace a file by `body`, whole or not at all, and make sure that it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
