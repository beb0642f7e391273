"""Items as the formats write them: made once, and kept as long as a document holds them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakValueDictionary

from aggregator.model.output import Item


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Fragment:
    """One item in each format, by extension: the very bytes that stand in documents."""

    texts: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A document taken apart: what stands before, between and behind its items."""

    head: bytes
    items: Sequence[bytes]
    tail: bytes
    joint: bytes = b""

    def document(self, items: Iterable[bytes]) -> bytes:
        """Return the document with these items instead."""
        return b"".join((self.head, self.joint.join(items), self.tail))


class Fragments:
    """The fragments of the documents of now, shared by all documents that hold the same item.

    A mutable value without I/O. An item is frozen, so that equal items have equal bytes. What no held
    document has any more is let go by itself: there is as much as the documents are long, and no more.
    """

    def __init__(self) -> None:
        self._known: WeakValueDictionary[Item, Fragment] = WeakValueDictionary()
        self._held: dict[str, tuple[Fragment, ...]] = {}

    def get(self, item: Item) -> Fragment | None:
        """Return the fragment of an item, or None where no held document has it."""
        return self._known.get(item)

    def hold(
        self, name: str, whole: Sequence[Fragment], made: Iterable[tuple[Item, Fragment]]
    ) -> None:
        """Keep what a feed consists of, in place of what it did before; `made` are its new ones."""
        self._known.update(made)
        self._held[name] = tuple(whole)

    def keep(self, names: Collection[str]) -> None:
        """Let go of every document but these."""
        self._held = {name: held for name, held in self._held.items() if name in names}
