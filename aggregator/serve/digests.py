"""The digest pages: the editions of a topic, and one edition as interface.md "Digests" describes it."""

from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aggregator.model.digest import Edition
from aggregator.serve import times
from aggregator.serve.front_desk import FrontDesk
from aggregator.serve.visit import Visit
from aggregator.serve.wording import WORDINGS

EDITIONS_LISTED = 200


class Digests:
    """Handlers of the digest pages."""

    def __init__(self, front: FrontDesk) -> None:
        self._front = front
        self._store = front.desk.store

    async def editions(self, request: Request, visit: Visit) -> Response:
        """List a digest's editions, newest first."""
        subject = request.path_params["topic"]
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
        )

    async def edition(self, request: Request, visit: Visit) -> Response:
        """Show one edition, in its own language."""
        subject = request.path_params["topic"]
        editions = await self._store.editions(subject, EDITIONS_LISTED)
        found = _named(editions, request.path_params["edition"])
        if found is None:
            raise HTTPException(404)
        language = found.digest.language
        return self._front.print(
            request,
            visit,
            "digest.html",
            edition=found,
            digest=found.digest,
            words=WORDINGS[language if language in WORDINGS else visit.language],
            full=partial(times.full, zone=visit.zone, language=language),
            stamp=partial(times.stamp, zone=visit.zone, language=language),
        )


def _named(editions: tuple[Edition, ...], name: str) -> Edition | None:
    return next((edition for edition in editions if edition.name == name), None)


def subject_name(subject: str, visit: Visit) -> str:
    """Return the name of a digest's topics, or of its output."""
    configuration = visit.configuration
    names: dict[str, str] = {output.id: output.title for output in configuration.outputs}
    names |= {topic.id: topic.name(visit.language) for topic in configuration.topics}
    if subject in names:
        return names[subject]
    return visit.t("list.and").join(names.get(part, part) for part in subject.split("+"))
