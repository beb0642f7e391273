"""What the live index keeps of an entry, and the bytes that bring it back without reading the text again.

Bytes are only as good as the reading they were made by: `reading_of` tells one from another. Its version
is raised by whoever changes what is read of a headline or how it is packed (tests/cluster/test_traits.py
fails until it is).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from struct import Struct
from typing import Final
from zlib import crc32

from aggregator.cluster.features import Features, features_of
from aggregator.cluster.marks import is_analysis, is_bulletin, is_diary, is_notice, is_silent
from aggregator.model.entry import Entry
from aggregator.model.identifiers import digest63

READING: Final = 4
_LONG_CJK: Final = 12  # characters of a headline that is known again at another outlet
_LONG_WORDS: Final = 6
_DIGITS: Final = re.compile(rb"\d+")
_STEP: Final = 16  # term frequencies are kept in sixteenths, one byte each
_HEAD: Final = Struct("<BBBIIQdd")


class Flag:
    """Yes or no about an entry; plain integers, since they are asked for hundreds of times an entry."""

    CJK: Final = 1
    FOLD: Final = 2  # its source may be folded
    LONG: Final = 4  # its headline is long enough to be known again elsewhere
    BULLETIN: Final = 8
    SILENT: Final = 16  # a live page, a round-up or a part of a series: joins, but draws nobody in
    GONE: Final = 32  # withdrawn, or replaced by its new text
    DIARY: Final = (
        64  # a bulletin that its date, or measure, tells: it is news through the following day
    )
    ANALYSIS: Final = 128  # joins reports on strong evidence, and draws in its own kind only
    # What the text decides, and those around it.
    TEXT: Final = CJK | LONG | BULLETIN | SILENT | DIARY | ANALYSIS


@dataclass(slots=True, kw_only=True)  # not frozen: made for every entry of a restart
class Traits:
    """What is known of an entry when it is taken up."""

    flags: int  # those that its text alone decides, and whether it turned out to be a bulletin
    at: float  # its time, in seconds
    arrived_at: float
    title: int  # 32 bits of the bare headline's digest
    template: int  # the same with its numbers taken out
    url: int  # digest of the canonical URL; 0 without one
    terms: Iterable[str]  # title terms first
    tfs: bytes  # frequency of each, in sixteenths
    kinds: Mapping[str, int]  # of those that are not plain


@lru_cache(maxsize=65536)
def reading_of(outlet: str) -> int:
    """Return what stands for the way in which an outlet's headlines are read."""
    return crc32(f"{READING}\n{outlet}".encode("utf-8", "surrogatepass"))


def traits_of(entry: Entry, at: float, outlet: str) -> Traits:
    """Read an entry."""
    features = features_of(entry.title, entry.summary, outlet)
    # 32 bits are enough: headlines are only compared where their terms agree already.
    title = features.title.encode("utf-8", "surrogatepass")
    return Traits(
        flags=_flags(features),
        at=at,
        arrived_at=entry.first_seen_at.timestamp(),
        title=crc32(title),
        template=crc32(_DIGITS.sub(b"0", title)),
        url=_digest(entry.canonical_url) if entry.canonical_url else 0,
        terms=features.terms,
        tfs=bytes([min(255, int(tf * _STEP + 0.5)) for tf in features.terms.values()]),
        kinds=features.kinds,
    )


def pack(traits: Traits) -> bytes:
    """Return traits as bytes: some 200 for a headline."""
    terms = list(traits.terms)
    kinds = bytes(
        part
        for place, term in enumerate(terms)
        if (kind := traits.kinds.get(term))
        for part in (place, kind)
    )
    head = _HEAD.pack(
        traits.flags, len(terms), len(kinds), traits.title, traits.template, traits.url, traits.at,
        traits.arrived_at,
    )  # fmt: skip
    return head + traits.tfs + kinds + "\n".join(terms).encode("utf-8", "surrogatepass")


def unpack(packed: bytes) -> Traits:
    """Return the traits that `pack` made bytes of."""
    flags, count, marked, title, template, url, at, arrived_at = _HEAD.unpack_from(packed)
    tfs_end = _HEAD.size + count
    kinds_end = tfs_end + marked
    terms = packed[kinds_end:].decode("utf-8", "surrogatepass").split("\n") if count else []
    kinds = packed[tfs_end:kinds_end]
    return Traits(
        flags=flags,
        at=at,
        arrived_at=arrived_at,
        title=title,
        template=template,
        url=url,
        terms=terms,
        tfs=packed[_HEAD.size : tfs_end],
        kinds={terms[kinds[n]]: kinds[n + 1] for n in range(0, marked, 2)},
    )


def _flags(features: Features) -> int:
    flags = 0
    if features.cjk:
        flags |= Flag.CJK
    if (
        len(features.title) >= _LONG_CJK
        if features.cjk
        else features.title.count(" ") + 1 >= _LONG_WORDS
    ):
        flags |= Flag.LONG
    if not features.cjk:
        if is_notice(features.title):
            flags |= Flag.BULLETIN | Flag.DIARY
    elif is_bulletin(features.title):
        flags |= Flag.BULLETIN
        if is_diary(features.title):
            flags |= Flag.DIARY
    if is_silent(features.folded):
        flags |= Flag.SILENT
    elif is_analysis(features.folded):
        flags |= Flag.ANALYSIS
    return flags


def _digest(text: str) -> int:
    return digest63(text.encode("utf-8", "surrogatepass"))
