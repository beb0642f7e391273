"""The page of one story: every report in order, why each is there, what was changed."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from aggregator.cluster.explain import explain
from aggregator.model.identifiers import EntryId
from aggregator.model.query import StoryFile
from aggregator.publish.plain_text import plain_line
from aggregator.publish.reports import reported_at
from aggregator.publish.summary import summary_of
from aggregator.serve.front_desk import FrontDesk
from aggregator.serve.pages import topics_by_id
from aggregator.serve.views import Outlets, lead_for, report_line, reports_of, topic_labels
from aggregator.serve.visit import Visit


class StoryPage:
    """Handler of `/stories/ID`."""

    def __init__(self, front: FrontDesk) -> None:
        self._front = front
        self._store = front.desk.store

    async def show(self, request: Request, visit: Visit) -> Response:
        """Show every report of a story in order, and why each is there."""
        asked = request.path_params["id"]
        located = await self._store.locate(asked)
        if located is None:
            raise HTTPException(404)
        if located.story != asked:
            return RedirectResponse(visit.link(f"/stories/{located.story}", **_said(visit)), 301)
        files = await self._store.story_files((located.story,))
        if not files or not files[0].entries:
            return self._front.notice(request, visit, 410, "withdrawn")
        image = _image(files[0], self._front.outlets(visit))
        values = await self._values(files[0], visit)
        return self._front.print(
            request, visit, "story.html", images=image is not None, image=image, **values
        )

    async def _values(self, story: StoryFile, visit: Visit) -> dict[str, Any]:
        outlets = self._front.outlets(visit)
        lead = lead_for(story, outlets.by_id, visit.language, visit.now)
        nearby = dict.fromkeys(filter(None, (story.story.saga, *story.story.related)))
        audience = visit.configuration.settings.audience
        feed = f"/feeds/story-{story.story.id}"
        return {
            "story": story.story,
            "lead": report_line(lead, outlets),
            "summary": summary_of(lead.entry.summary, lead.entry.title, audience),
            "first": min(reported_at(filed) for filed in story.entries),
            "reports": reports_of(story, outlets),
            "why": await self._reasons(story, visit),
            "edits": await self._edits(story, outlets),
            "topics": topic_labels(
                (match.topic for match in story.story.topics), topics_by_id(visit), visit.language
            ),
            "related": [
                (file.story, report_line(file.lead, outlets))
                for file in await self._store.story_files(tuple(nearby))
                if file.entries
            ],
            "feed": feed,
            "has_feed": self._front.is_published(feed),
        }

    async def _reasons(self, story: StoryFile, visit: Visit) -> dict[EntryId, str]:
        """Return why each entry is in the story, in the reader's language."""
        placements = [filed.placement for filed in story.entries if filed.placement]
        known = {filed.entry.id: filed.entry for filed in story.entries}
        named = {n.entry for p in placements for n in p.decision.neighbours} - known.keys()
        known |= {f.entry.id: f.entry for f in await self._store.entries_by_id(sorted(named))}
        runners_up = {p.decision.runner_up for p in placements if p.decision.runner_up}
        titles = {
            file.story.id: plain_line(file.story.title)
            for file in await self._store.story_files(sorted(runners_up))
        }
        return {
            p.entry: explain(
                p,
                known,
                visit.language,
                titles.get(p.decision.runner_up) if p.decision.runner_up else None,
                {id: source.label for id, source in self._front.outlets(visit).by_id.items()},
            )
            for p in placements
        }

    async def _edits(self, story: StoryFile, outlets: Outlets) -> list[dict[str, Any]]:
        """Return the headlines that outlets changed: what stood before, what came after, and when."""
        found = []
        for filed in story.entries:
            if not filed.entry.revision:
                continue
            revisions = await self._store.revisions(filed.entry.id)
            titles = [*(revision.title for revision in revisions), filed.entry.title]
            found += [
                {
                    "line": report_line(filed, outlets),
                    "at": revision.replaced_at,
                    "before": plain_line(before),
                    "after": plain_line(after),
                }
                for revision, before, after in zip(revisions, titles, titles[1:], strict=False)
                if before != after
            ]
        return found


def _said(visit: Visit) -> dict[str, str]:
    return {key: visit.query[key] for key in ("done", "undo") if key in visit.query}


def _image(story: StoryFile, outlets: Outlets) -> str | None:
    """Return the lead's thumbnail, where its source lets us show it."""
    entry = story.lead.entry
    allowed = outlets.get(entry.source).images
    return entry.image if allowed and (entry.image or "").startswith("https:") else None
