"""The digest pages: what there is, the editions of each, and one edition as interface.md "Digests" describes it."""

from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aggregator.model.digest import DigestPlan, Edition, EditionKind, Section
from aggregator.serve import times
from aggregator.serve.front_desk import FrontDesk
from aggregator.serve.visit import Visit
from aggregator.serve.wording import WORDINGS

EDITIONS_LISTED: Final = 100
EDITIONS_ON_THE_SHELF: Final = 5  # of each digest on the page of all digests


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRow:
    """A configured digest with its newest editions."""

    subject: str
    name: str
    rhythm: str
    editions: tuple[Edition, ...]
    feed: str | None  # its address without the extension, once it is published


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Sections in a row under one topic; without one, in a digest that has no topics."""

    topic: str | None
    sections: tuple[Section, ...]


class Digests:
    """Handlers of the digest pages."""

    def __init__(self, front: FrontDesk) -> None:
        self._front = front
        self._store = front.desk.store

    async def shelf(self, request: Request, visit: Visit) -> Response:
        """Show every configured digest with its newest editions, and where to subscribe."""
        return self._front.print(
            request,
            visit,
            "digests.html",
            rows=[await self._row(plan, visit) for plan in open_plans(visit)],
            feed=self._feed("digests"),
        )

    async def editions(self, request: Request, visit: Visit) -> Response:
        """List a digest's editions, newest first."""
        subject = request.path_params["topic"]
        _refuse_private(subject, visit)
        editions = await self._store.editions(subject, EDITIONS_LISTED)
        planned = any(plan.subject == subject for plan in visit.configuration.digests)
        if not editions and not planned:
            raise HTTPException(404)
        return self._front.print(
            request,
            visit,
            "editions.html",
            editions=editions,
            name=subject_name(subject, visit),
            subject=subject,
            feed=self._feed(f"digest-{subject}"),
        )

    async def edition(self, request: Request, visit: Visit) -> Response:
        """Show one edition, in its own language."""
        subject = request.path_params["topic"]
        _refuse_private(subject, visit)
        place = await self._store.edition(subject, request.path_params["edition"])
        if place is None:
            raise HTTPException(404)
        digest = place.edition.digest
        language = digest.language
        return self._front.print(
            request,
            visit,
            "digest.html",
            place=place,
            edition=place.edition,
            digest=digest,
            chapters=chapters(digest.sections),
            name=subject_name(subject, visit),
            feed=self._feed(f"digest-{subject}"),
            words=WORDINGS[language if language in WORDINGS else visit.language],
            full=partial(times.full, zone=visit.zone, language=language),
            stamp=partial(times.stamp, zone=visit.zone, language=language),
        )

    async def _row(self, plan: DigestPlan, visit: Visit) -> DigestRow:
        return DigestRow(
            subject=plan.subject,
            name=subject_name(plan.subject, visit),
            rhythm=rhythm(plan, visit),
            editions=await self._store.editions(plan.subject, EDITIONS_ON_THE_SHELF),
            feed=self._feed(f"digest-{plan.subject}"),
        )

    def _feed(self, name: str) -> str | None:
        feed = f"/feeds/{name}"
        return feed if self._front.is_published(feed) else None


def chapters(sections: tuple[Section, ...]) -> tuple[Chapter, ...]:
    """Return sections under their topics: a heading stands where the topic changes."""
    grouped = groupby(sections, key=lambda section: section.topic)
    return tuple(Chapter(topic=topic, sections=tuple(group)) for topic, group in grouped)


def open_plans(visit: Visit) -> tuple[DigestPlan, ...]:
    """Return the configured digests that this reader may see, in order."""
    return tuple(
        plan
        for plan in visit.configuration.digests
        if visit.reader_known or plan.output is None or not _is_private(plan.output, visit)
    )


def rhythm(plan: DigestPlan, visit: Visit) -> str:
    """Return when a digest appears, in words: `毎日 07:00`."""
    said = []
    for time in plan.editions:
        clock = f"{time.hour:02d}:{time.minute:02d}"
        weekly = time.kind is EditionKind.WEEKLY and time.weekday is not None
        day = times.weekday(time.weekday or 0, visit.language) if weekly else ""
        said.append(visit.t(f"digest.{time.kind.value}", at=clock, day=day))
    return visit.t("list.comma").join(said)


def subject_name(subject: str, visit: Visit) -> str:
    """Return the name of a digest's topics, or of its output."""
    configuration = visit.configuration
    names: dict[str, str] = {output.id: output.title for output in configuration.outputs}
    names |= {topic.id: topic.name(visit.language) for topic in configuration.topics}
    if subject in names:
        return names[subject]
    return visit.t("list.and").join(names.get(part, part) for part in subject.split("+"))


def _refuse_private(subject: str, visit: Visit) -> None:
    """Show the digest of a private output only to who may read all.

    Raises:
        HTTPException: 404, as if there were none.
    """
    if _is_private(subject, visit) and not visit.reader_known:
        raise HTTPException(404)


def _is_private(output: str, visit: Visit) -> bool:
    return any(one.id == output and one.private for one in visit.configuration.outputs)
