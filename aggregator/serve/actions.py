"""Signing in, and the few things that a signed-in person may change: POST only, from our own pages."""

import asyncio
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from aggregator.errors import UsageError
from aggregator.serve.access import SESSION, Throttle, came_from_our_page, token_matches
from aggregator.serve.front_desk import FrontDesk
from aggregator.serve.visit import SESSION_COOKIE, Visit, bearer

FORM_SECONDS: Final = 10.0  # a form of ours is some dozens of bytes
# What may be asked, and how many arguments it takes.
ACTIONS: Final = {"split": 1, "join": 2, "mute": 1, "withdraw": 1}


class Actions:
    """Handlers of what changes something."""

    def __init__(self, front: FrontDesk) -> None:
        self._front = front
        self._throttle = Throttle()

    async def sign_in_page(self, request: Request) -> Response:
        """Show the form that asks for the admin token."""
        return self._sign_in_form(request, await self._front.visit(request))

    async def sign_in(self, request: Request) -> Response:
        """Take the admin token, give a session."""
        visit = await self._front.visit(request)
        server = visit.configuration.settings.server
        address = request.client.host if request.client else ""
        now = self._front.desk.clock.monotonic()
        if not came_from_our_page(request.headers, visit.configuration.settings.public_url):
            return self._front.notice(request, visit, 403, "foreign_form")
        if self._throttle.blocks(address, now):
            return self._front.notice(request, visit, 429, "too_many")
        form = await _form(request)
        if server.admin_token_hash is None or not token_matches(
            form.get("admin_token", ""), server.admin_token_hash
        ):
            self._throttle.note_failure(address, now)
            return self._sign_in_form(request, visit, failed=True)
        answer = RedirectResponse(visit.link(_our_path(form.get("next", ""))), 303)
        answer.set_cookie(
            SESSION_COOKIE,
            visit.keys.session(visit.now, server.admin_token_hash),
            max_age=int(SESSION.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=visit.configuration.settings.public_url.startswith("https:"),
        )
        return answer

    async def sign_out(self, request: Request) -> Response:
        """End the session, in this browser and wherever its cookie was copied to."""
        visit = await self._front.visit(request)
        if not came_from_our_page(request.headers, visit.configuration.settings.public_url):
            return self._front.notice(request, visit, 403, "foreign_form")
        if visit.signed_in:  # else anybody could sign out those who are
            await self._front.end_sessions()
        answer = RedirectResponse(visit.link("/"), 303)
        answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
        return answer

    async def act(self, request: Request) -> Response:
        """Carry out one action, then show the story it leads to."""
        visit = await self._front.visit(request)
        refused = self._refusal(request, visit)
        if refused is not None:
            return refused
        name, form = request.path_params["name"], await _form(request)
        arguments = tuple(form[key] for key in ("subject", "object") if form.get(key))
        act = self._front.desk.act
        if act is None or ACTIONS.get(name) != len(arguments):
            return self._front.notice(request, visit, 400, "no_such_action")
        try:
            touched = (await act(name, arguments)).split(", ")
        except UsageError as error:
            return self._front.notice(request, visit, 400, "not_done", reason=str(error))
        # An entry's id and a joined story's lead on to the story that has it now.
        gone = name in ("withdraw", "mute")
        path = "/" if gone else f"/stories/{arguments[0]}"
        undo = None
        if name == "split":  # joined to the other story again; an entry may keep the id of both
            here = await self._front.desk.store.locate(arguments[0])
            undo = next((one for one in touched if here is None or one != here.story), None)
        return RedirectResponse(visit.link(path, done=name, undo=undo), 303)

    def _refusal(self, request: Request, visit: Visit) -> Response | None:
        """Return why not: a form of another site, or nobody signed in; a program brings the token itself."""
        settings = visit.configuration.settings
        given = bearer(request.headers.get("authorization", ""))
        address = request.client.host if request.client else ""
        now = self._front.desk.clock.monotonic()
        if given is not None:
            if self._throttle.blocks(address, now):
                return self._front.notice(request, visit, 429, "too_many")
            if token_matches(given, settings.server.admin_token_hash):
                return None
            self._throttle.note_failure(address, now)
        if not came_from_our_page(request.headers, settings.public_url):
            return self._front.notice(request, visit, 403, "foreign_form")
        if not visit.signed_in:
            return self._front.notice(request, visit, 401, "sign_in_first")
        return None

    def _sign_in_form(self, request: Request, visit: Visit, failed: bool = False) -> Response:
        return self._front.print(
            request,
            visit,
            "sign_in.html",
            status=401 if failed else 200,
            failed=failed,
            next=_our_path(request.query_params.get("next", "")),
            possible=visit.configuration.settings.server.admin_token_hash is not None,
        )


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a form; Starlette's own reader would need a multipart parser."""
    try:
        async with asyncio.timeout(FORM_SECONDS):
            body = await request.body()
        return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=10))
    except TimeoutError:
        raise HTTPException(408) from None
    except ValueError:
        raise HTTPException(400) from None


def _our_path(path: str) -> str:
    """Return a path of ours to go on to; anything that could lead elsewhere becomes the front page."""
    safe = path.startswith("/") and not path.startswith("//") and path.isprintable()
    return path if safe and "\\" not in path else "/"
