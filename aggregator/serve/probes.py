"""What machines ask of us: alive? ready? counts."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from aggregator.serve.access import Keys
from aggregator.serve.desk import Desk
from aggregator.serve.visit import visit_of


class Probes:
    """`/healthz`, `/readyz` and `/metrics`."""

    def __init__(self, desk: Desk, keys: Callable[[], Awaitable[Keys]]) -> None:
        self._desk = desk
        self._keys = keys

    async def healthz(self, request: Request) -> Response:
        """Say that we live; a broken configuration is told and kills nobody.

        Where pages need a token, strangers learn no more than that.
        """
        health = self._desk.health
        answer: dict[str, object] = {"status": "ok", "config": health.config}
        if await self._is_open_to(request):
            answer |= {
                "problems": [*health.config_problems, *filter(None, [health.storage_problem])],
                "restart_needed": list(health.restart_needed),
                "version": health.version,
                "libraries": dict(health.libraries),
            }
        return _never_cached(JSONResponse(answer))

    async def readyz(self, request: Request) -> Response:
        """Say whether outputs can be served."""
        health = self._desk.health
        ready = health.outputs_ready and not health.stopping
        answer = JSONResponse(
            {"status": "ready" if ready else "stopping" if health.stopping else "starting"},
            200 if ready else 503,
        )
        return _never_cached(answer)

    async def metrics(self, request: Request) -> Response:
        """Return the metrics as Prometheus reads them."""
        if self._desk.metrics is None:
            return PlainTextResponse("404: no metrics are kept\n", 404)
        if not await self._is_open_to(request):
            return PlainTextResponse(
                "401: a token is needed\n", 401, {"www-authenticate": "Bearer"}
            )
        text = self._desk.metrics()
        return _never_cached(Response(text, media_type="text/plain; version=0.0.4; charset=utf-8"))

    async def _is_open_to(self, request: Request) -> bool:
        if self._desk.configuration().settings.server.access == "open":
            return True
        return visit_of(request, self._desk, await self._keys()).may_read


def _never_cached(response: Response) -> Response:
    response.headers["cache-control"] = "no-store"
    return response
