"""The live entries, in columns: what is known of each besides its terms, in a few dozen bytes."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from aggregator.cluster.traits import Flag, Traits
from aggregator.model.identifiers import EntryId, SourceId, StoryId, story_id

_TRIM: Final = 4096  # expired entries at the head before the columns are cut


@dataclass(slots=True)
class StoryState:
    """A story of several live entries, or one whose id is not that of its only one."""

    id: StoryId
    members: "array[int]" = field(
        default_factory=lambda: array("I")
    )  # serials, in order of arrival


class LiveEntries:
    """Columns by serial. A story's number is the serial of an entry that opened it here.

    A story of one entry takes no room of its own: it is in `stories` from its second entry on.
    """

    def __init__(self) -> None:
        self.first = 0  # the oldest serial that has not expired
        self.serials: dict[EntryId, int] = {}
        self.stories: dict[int, StoryState] = {}
        self.cjk = 0  # live entries written in kana or kanji
        self._by_url: dict[int, int] = {}  # the earliest live entry with a URL
        self._later_by_url: dict[int, array[int]] = {}  # those after it, where there are any
        self._numbers: dict[StoryId, int] = {}
        self._cut = 0  # the serial that the columns begin with
        self._ids: list[EntryId] = []
        self._flags = array("B")
        self._sources = array("I")
        self._at = array("d")
        self._arrived_at = array("d")
        self._titles = array("I")
        self._templates = array("I")
        self._urls = array("Q")
        self._credits = array("I")
        self._copy_of = array("i")
        self._story = array("I")
        self._words: dict[str, int] = {"": 0}  # sources and credits, each by number
        self._spelled = [""]
        self._marked: list[EntryId] = []

    def __len__(self) -> int:
        return len(self.serials)

    @property
    def next(self) -> int:
        """Return the serial that the next entry will have."""
        return self._cut + len(self._ids)

    def add(
        self, id_: EntryId, source: SourceId, credit: str, traits: Traits, more_flags: int
    ) -> int:
        """Take an entry up, a story of its own for now; return its serial."""
        serial = self.next
        flags = traits.flags | more_flags
        self._ids.append(id_)
        self._flags.append(flags)
        self._sources.append(self._word(source))
        self._at.append(traits.at)
        self._arrived_at.append(traits.arrived_at)
        self._titles.append(traits.title)
        self._templates.append(traits.template)
        self._urls.append(traits.url)
        self._credits.append(self._word(credit))
        self._copy_of.append(-1)
        self._story.append(serial)
        self.serials[id_] = serial
        self.cjk += bool(flags & Flag.CJK)
        if traits.url and self._by_url.setdefault(traits.url, serial) != serial:
            self._later_by_url.setdefault(traits.url, array("I")).append(serial)
        return serial

    def _word(self, word: str) -> int:
        number = self._words.get(word)
        if number is None:
            number = self._words[word] = len(self._spelled)
            self._spelled.append(word)
        return number

    # -- columns ----------------------------------------------------------------------------------

    def id(self, serial: int) -> EntryId:
        """Return an entry's id."""
        return self._ids[serial - self._cut]

    def flags(self, serial: int) -> int:
        """Return an entry's flags."""
        return self._flags[serial - self._cut]

    def source(self, serial: int) -> int:
        """Return the number of an entry's source."""
        return self._sources[serial - self._cut]

    def source_id(self, serial: int) -> SourceId:
        """Return the source of an entry."""
        return SourceId(self._spelled[self.source(serial)])

    def at(self, serial: int) -> float:
        """Return an entry's time."""
        return self._at[serial - self._cut]

    def arrived_at(self, serial: int) -> float:
        """Return when an entry arrived."""
        return self._arrived_at[serial - self._cut]

    def title(self, serial: int) -> int:
        """Return the digest of an entry's headline."""
        return self._titles[serial - self._cut]

    def template(self, serial: int) -> int:
        """Return the digest of an entry's headline without numbers."""
        return self._templates[serial - self._cut]

    def credit(self, serial: int) -> int:
        """Return the number of the agency that an entry credits; 0 without one."""
        return self._credits[serial - self._cut]

    def credit_name(self, serial: int) -> str | None:
        """Return the agency that an entry credits."""
        return self._spelled[self.credit(serial)] or None

    def url(self, serial: int) -> int:
        """Return the digest of an entry's canonical URL; 0 without one."""
        return self._urls[serial - self._cut]

    def same_page(self, serial: int) -> int | None:
        """Return the earlier live entry with the same URL."""
        other = self._by_url.get(self.url(serial))
        return other if other is not None and other < serial else None

    def original(self, serial: int) -> int:
        """Return the entry that this one is a copy of, else itself."""
        original = self._copy_of[serial - self._cut]
        return serial if original < self.first else original

    def mark_copy(self, serial: int, original: int) -> None:
        """Note that an entry is a copy of another."""
        self._copy_of[serial - self._cut] = original

    def mark_bulletin(self, serial: int) -> None:
        """Note that an entry turned out to be one of a series of bulletins."""
        if not self._flags[serial - self._cut] & Flag.BULLETIN:
            self._flags[serial - self._cut] |= Flag.BULLETIN
            self._marked.append(self.id(serial))

    def newly_marked(self) -> list[EntryId]:
        """Return the entries that turned out to be bulletins since this was last asked."""
        marked, self._marked = self._marked, []
        return marked

    # -- stories ----------------------------------------------------------------------------------

    def story(self, serial: int) -> int:
        """Return the number of an entry's story."""
        return self._story[serial - self._cut]

    def story_id(self, number: int) -> StoryId:
        """Return the id of a story that has live entries."""
        state = self.stories.get(number)
        return state.id if state is not None else story_id(self.id(number))

    def members(self, number: int) -> Sequence[int]:
        """Return the live entries of a story, in order of arrival."""
        state = self.stories.get(number)
        return (number,) if state is None else state.members

    def number_of(self, story: StoryId) -> int | None:
        """Return a story's number; None where it has no live entry."""
        number = self._numbers.get(story)
        if number is None:
            # Rare: only a person's hand asks for a story of one entry by its id.
            for entry, serial in self.serials.items():
                alone = self.story(serial) == serial and serial not in self.stories
                if alone and story_id(entry) == story:
                    return serial
        return number

    def enter(self, serial: int, number: int) -> None:
        """Move an entry, which is alone in its story, into another story."""
        state = self.stories.get(number)
        if state is None:
            state = self._keep(number, StoryState(self.story_id(number), array("I", (number,))))
        state.members.append(serial)
        self._story[serial - self._cut] = number

    def open_story(self, serial: int, story: StoryId) -> None:
        """Make an entry the first of a story whose id is given."""
        self._keep(serial, StoryState(story, array("I", (serial,))))

    def _keep(self, number: int, state: StoryState) -> StoryState:
        self.stories[number] = state
        self._numbers[state.id] = number
        return state

    def leave(self, serial: int) -> None:
        """Take an entry out of its story; it is a story of its own until it is put elsewhere."""
        number = self.story(serial)
        state = self.stories.get(number)
        if state is not None:
            state.members.remove(serial)
            if not state.members or serial == number:
                self._rename(number, state)
        self._story[serial - self._cut] = serial

    def _rename(self, number: int, state: StoryState) -> None:
        """Give a story another number when the entry that lent it leaves; let an empty one go."""
        del self.stories[number], self._numbers[state.id]
        if state.members:
            other = state.members[0]
            self._keep(other, state)
            for member in state.members:
                self._story[member - self._cut] = other

    def merge(self, kept: int, gone: int) -> None:
        """Make two stories one, under the id of `kept`."""
        moved = list(self.members(gone))
        state = self.stories.get(kept) or self._keep(
            kept, StoryState(self.story_id(kept), array("I", (kept,)))
        )
        old = self.stories.pop(gone, None)
        if old is not None:
            del self._numbers[old.id]
        state.members = array("I", sorted([*state.members, *moved]))
        for member in moved:
            self._story[member - self._cut] = kept

    # -- leaving ----------------------------------------------------------------------------------

    def remove(self, serial: int) -> None:
        """Let a live entry go; its terms stay in the index until it expires."""
        at = serial - self._cut
        self.leave(serial)
        self._flags[at] |= Flag.GONE
        del self.serials[self._ids[at]]
        self.cjk -= bool(self._flags[at] & Flag.CJK)
        self._leave_page(serial, self._urls[at])

    def _leave_page(self, serial: int, url: int) -> None:
        later = self._later_by_url.get(url, array("I"))
        if self._by_url.get(url) != serial:
            if serial in later:
                later.remove(serial)
        elif later:
            self._by_url[url] = later.pop(0)
        else:
            del self._by_url[url]
        if not later:
            self._later_by_url.pop(url, None)

    def is_live(self, serial: int) -> bool:
        """Tell whether an entry is still here."""
        return not self._flags[serial - self._cut] & Flag.GONE

    def oldest_arrival(self) -> float | None:
        """Return when the oldest entry that has not expired arrived; None where there is none."""
        return self._arrived_at[self.first - self._cut] if self.first < self.next else None

    def expire_oldest(self) -> None:
        """Let the oldest entry go for good."""
        if self.is_live(self.first):
            self.remove(self.first)
        self.first += 1
        if self.first - self._cut >= _TRIM:
            self._trim()

    def _trim(self) -> None:
        count = self.first - self._cut
        del self._ids[:count]
        for column in (self._flags, self._sources, self._at, self._arrived_at, self._titles, self._templates,
                       self._urls, self._credits, self._copy_of, self._story):  # fmt: skip
            del column[:count]
        self._cut = self.first
