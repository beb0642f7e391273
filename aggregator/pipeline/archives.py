"""Archive pages of outputs (RFC 5005): which items are on them, and their documents.

`archive:OUTPUT` counts an output's pages in the store, `archive:OUTPUT:N` names the items of one,
`archive:OUTPUT:heading` stands for what the files of all its pages say of the output itself.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Collection, Sequence
from typing import Final

from aggregator.model.output import Output, Publication
from aggregator.pipeline.documents import put_documents
from aggregator.pipeline.parts import Parts
from aggregator.publish.archive import archive_leaving
from aggregator.publish.channel import newest
from aggregator.publish.render import EXTENSIONS, render_archive

_PAGE: Final = re.compile(r"([a-z0-9-]+)\.([1-9][0-9]{0,8})")  # no id has a dot


class Archives:
    """Keeps the pages behind the outputs."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._pages: dict[str, int] = {}
        self._one_page = asyncio.Lock()

    @staticmethod
    def is_page(stem: str) -> bool:
        """Tell whether a document's name without its extension is that of an archive page."""
        return _PAGE.fullmatch(stem) is not None

    async def pages(self, output: Output) -> int:
        """Return how many pages an output has."""
        if output.id not in self._pages:
            self._pages[output.id] = int(await self._parts.store.state(f"archive:{output.id}") or 0)
        return self._pages[output.id]

    async def extend(
        self, output: Output, current: Sequence[Publication], changed: Sequence[Publication]
    ) -> tuple[Publication, ...]:
        """Note on new pages what leaves the output; return the changed publications to write.

        The pages are kept first: after a crash in between, their items are on a further page once more.
        """
        archived = archive_leaving(output, current, changed)
        store, pages = self._parts.store, await self.pages(output)
        for number, items in enumerate(archived.pages, pages + 1):
            await store.set_state(f"archive:{output.id}:{number}", json.dumps(items))
            await store.set_state(f"archive:{output.id}", str(number))
            self._pages[output.id] = number
        return archived.publications

    async def render_new(self, output: Output, known: int) -> None:
        """Publish the pages after the first `known` ones; that one too, which now has a page after it."""
        for number in range(max(known, 1), await self.pages(output) + 1):
            await self._file(output, number)

    async def render_changed(self, output: Output, changed: Collection[str]) -> None:
        """Publish the pages anew that hold changed items."""
        sought = set(changed)
        for number in range(await self.pages(output), 0, -1):
            if not sought:
                return
            held = sought.intersection(await self._items(output, number))
            if held:
                sought -= held
                await self._file(output, number)

    async def follow_configuration(self) -> None:
        """Publish the pages anew of outputs that say something else of themselves now: title, address ...

        Those of an output that is private by now are taken away.
        """
        store = self._parts.store
        for output in self._parts.orders.outputs:
            key, heading = f"archive:{output.id}:heading", self._heading(output)
            if not output.private and heading == await store.state(key):
                continue
            for number in range(1, await self.pages(output) + 1):
                if output.private:
                    self._drop(output, number)
                else:
                    await self._file(output, number)
            await store.set_state(key, heading)

    async def render_page(self, stem: str) -> bool:
        """Publish one page by its name (`all.3`); False where there is none."""
        found = _PAGE.fullmatch(stem)
        outputs = self._parts.orders.outputs
        output = next((one for one in outputs if found and one.id == found.group(1)), None)
        if found is None or output is None or int(found.group(2)) > await self.pages(output):
            return False
        await self._render(output, int(found.group(2)))
        return True

    def _heading(self, output: Output) -> str:
        """Return what a page says before its items, in short; empty while no page has a file."""
        if output.private:
            return ""
        ctx = self._parts.orders.publish
        digest = hashlib.blake2b(ctx.audience.value.encode(), digest_size=12)
        for body in render_archive(output, 1, 1, (), ctx).values():
            digest.update(body)
        return digest.hexdigest()

    def _drop(self, output: Output, number: int) -> None:
        for name in _names(output, number):
            self._parts.shelf.drop(name)

    async def _items(self, output: Output, number: int) -> list[str]:
        state = await self._parts.store.state(f"archive:{output.id}:{number}")
        items: list[str] = json.loads(state) if state else []
        return items

    async def _file(self, output: Output, number: int) -> None:
        """Publish a page as files alone: who asks us for it gets it made."""
        await self._render(output, number)
        for name in _names(output, number):
            self._parts.shelf.forget(name)

    async def _render(self, output: Output, number: int) -> None:
        parts = self._parts
        async with self._one_page:  # or what was read before could replace what was read after
            pages = await self.pages(output)
            publications = await parts.store.publications_by_item(
                output.id, await self._items(output, number)
            )
            await put_documents(
                parts,
                lambda: render_archive(
                    output, number, pages, publications, parts.orders.publish, parts.fragments
                ),
                newest([one.item for one in publications]),
                private=output.private,
            )


def _names(output: Output, number: int) -> tuple[str, ...]:
    return tuple(f"feeds/{output.id}.{number}.{extension}" for extension in EXTENSIONS)
