"""Where to go on in a list that is sorted by a time, newest first, then by an id."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from aggregator.errors import UsageError


def write_cursor(at: int, name: str) -> str:
    """Return an opaque text that stands for the place after this time and id."""
    return urlsafe_b64encode(json.dumps([at, name]).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[int, str]:
    """Return the time and id that `write_cursor` was given.

    Raises:
        UsageError: it is not one of ours.
    """
    try:
        at, name = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error) as error:
        raise UsageError(f"{cursor}: not a cursor that we gave") from error
    if not (type(at) is int and abs(at) < 1 << 62 and type(name) is str):
        raise UsageError(f"{cursor}: not a cursor that we gave")
    return at, name
