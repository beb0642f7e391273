"""The callback of WebSub subscriptions: hubs ask whether we meant it, and deliver news."""

import asyncio
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from aggregator.model.identifiers import SubscriptionId
from aggregator.pipeline.websub import Verification
from aggregator.serve.desk import Desk

_CHALLENGE: Final = 1024  # characters; hubs send some dozens
_SECONDS: Final = 30.0  # for a delivery to come in
_AT_ONCE: Final = 4  # deliveries in memory while they come in


class Callback:
    """Answers hubs; what it is told goes through the desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def verify(self, request: Request) -> Response:
        """Echo the challenge of a hub that asks about something that we asked for; else 404."""
        asked, verify = request.query_params, self._desk.verify
        challenge = asked.get("hub.challenge", "")
        mode = asked.get("hub.mode", "")
        if verify is None or len(challenge) > _CHALLENGE or (not challenge and mode != "denied"):
            return _plain(404)
        verification = Verification(
            mode=mode,
            topic=asked.get("hub.topic", ""),
            lease=_lease(asked.get("hub.lease_seconds", "")),
            reason=asked.get("hub.reason", "")[:200],
        )
        if not await verify(_id(request), verification):
            return _plain(404)
        return PlainTextResponse(challenge)

    async def deliver(self, request: Request) -> Response:
        """Take in what a hub delivers; only a signed body is kept, and only so much at once."""
        postbox, id_ = self._desk.postbox, _id(request)
        expected = 404 if postbox is None else await postbox.expects(id_)
        if postbox is None or expected != 202:
            return _plain(expected)
        if self._places.locked():
            return _plain(503)
        async with self._places:
            try:
                async with asyncio.timeout(_SECONDS):
                    body = await request.body()
            except TimeoutError:
                return _plain(408)
            status = await postbox.deliver(
                id_,
                body,
                request.headers.get("content-type", "").partition(";")[0].strip() or None,
                request.headers.get("x-hub-signature"),
            )
        return _plain(status)


def _id(request: Request) -> SubscriptionId:
    return SubscriptionId(str(request.path_params["id"]))


def _lease(text: str) -> timedelta | None:
    """Return the lease that a hub grants; None where it names none."""
    number = text[:12]
    return timedelta(seconds=int(number)) if number.isascii() and number.isdigit() else None


def _plain(status: int) -> Response:
    return PlainTextResponse(f"{status}\n", status)
