"""Every exception of the house, as a tree.

AggregatorError
├── ConfigurationError      the operator's files; carries every problem at once
├── UsageError              a command cannot be carried out as given
├── LockedError             another process owns the data directory
├── OutdatedPackages        what is installed is older than we ask for
├── StoreError              the database
│   ├── LeaseLost           another worker has the host now; nothing was written
│   ├── SchemaTooNew        the database is from a newer version
│   ├── StoreFull           the disk is full; nothing was written
│   └── CorruptStore        the file is not a sound database
├── DocumentError           a body we were given
│   ├── NotAFeed            HTML, a login page, nothing at all
│   └── UnsafeDocument      entity bombs, absurd depth: refused before it is parsed
├── RenderFailed            a document of ours is not sound; the one before it stays
├── SandboxError            a worker died, ran out of time or of memory
└── AddressRefused          a URL or address that we never connect to
"""


class AggregatorError(Exception):
    """Root of all errors that are ours."""


class ConfigurationError(AggregatorError):
    """The operator's files have problems; each is one line `file:line:column: path: message`."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class UsageError(AggregatorError):
    """A command cannot be carried out as given; exit status 2."""


class LockedError(AggregatorError):
    """Another process owns the data directory."""


class OutdatedPackages(AggregatorError):
    """Packages are installed that are older than we ask for; one line each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))


class StoreError(AggregatorError):
    """The database failed; the cause is chained."""


class LeaseLost(StoreError):
    """Another worker has the host, or the log, now; nothing was written."""


class SchemaTooNew(StoreError):
    """The database was written by a newer version; downgrade is refused."""


class StoreFull(StoreError):
    """The disk is full; nothing was written, and what is stored can still be read."""


class CorruptStore(StoreError):
    """The database file is damaged."""


class DocumentError(AggregatorError):
    """A body could not be used; the message names the reason in plain words."""


class NotAFeed(DocumentError):
    """The body is no feed: HTML, a login page, or nothing."""


class UnsafeDocument(DocumentError):
    """The body was refused before parsing: internal DTD subset, depth, attributes."""


class RenderFailed(AggregatorError):
    """A document of ours cannot be made, or cannot be read back; the one before it stays."""


class SandboxError(AggregatorError):
    """A worker process died, ran out of time or out of memory; `kind` says which."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


class AddressRefused(AggregatorError, OSError):
    """A URL or an address that we never connect to; an OSError too, so that a socket factory may raise it."""
