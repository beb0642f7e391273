"""What each output shows now: read from the store once, then followed through every change."""

from collections.abc import Sequence

from aggregator.model.change import OutputChange
from aggregator.model.identifiers import OutputId
from aggregator.model.output import Output, Publication
from aggregator.store.store import Store


class Showcase:
    """The publications that outputs show, newest first; whoever writes publications does it here."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._shown: dict[OutputId, tuple[Publication, ...]] = {}

    async def shown(self, output: Output) -> tuple[Publication, ...]:
        """Return what an output shows, at most its limit."""
        if output.id not in self._shown:
            self._shown[output.id] = await self._store.publications(output.id, output.limit)
        return self._shown[output.id]

    async def apply(self, output: OutputId, publications: Sequence[Publication]) -> None:
        """Write publications of an output to the store; what it shows follows."""
        try:
            await self._store.apply_publications(
                [OutputChange(output=output, publications=tuple(publications))]
            )
        except BaseException:  # whether it was written is not known
            self.forget()
            raise
        if output in self._shown:
            after = {p.item.id: p for p in (*self._shown[output], *publications)}
            shown = sorted((p for p in after.values() if not p.left), key=lambda p: p.item.id)
            shown.sort(key=lambda p: p.item.published, reverse=True)
            self._shown[output] = tuple(shown)

    def forget(self) -> None:
        """Read everything anew when it is next asked for: outputs, or the store, have changed."""
        self._shown.clear()
