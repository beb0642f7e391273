"""What `parse` is told besides the body: where it came from, and how much of it to take."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseHints:
    """What is known of a body before it is read."""

    url: str  # final, after redirects: relative links are resolved against it
    content_type: str | None = None
    charset: str | None = None  # from the Content-Type header
    timezone: str | None = None  # IANA name, for dates without a zone
    language: str | None = None  # of the source: helps to recognise its encoding, nothing more
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseLimits:
    """How much of one document is taken; what is beyond is cut, dropped or refused."""

    entries: int = 1000  # the newest ones are kept
    depth: int = 256  # nested elements: refused
    attributes: int = 256  # of one element: refused
    json_depth: int = 64  # nested arrays and objects: refused
    title: int = 1000  # characters
    summary: int = 1000  # characters of a summary as given; longer ones are content
    excerpt: int = 500  # characters of a summary made from the content
    content: int = 512 * 1024  # characters
    author: int = 200  # characters
    category: int = 200  # characters
    categories: int = 32
    enclosures: int = 16
    # Bytes of memory that all entries take together; those of the largest of 721 real feeds take 2.5 MiB.
    document: int = 4 * 1024 * 1024
