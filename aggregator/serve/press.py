"""Where pages are printed: Jinja2 with escaping on and nothing undefined, and the headers of a page."""

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import Response

from aggregator.serve.conditional import matches
from aggregator.serve.visit import Visit

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
CONTENT_SECURITY_POLICY_WITH_IMAGES: Final = CONTENT_SECURITY_POLICY.replace(
    "img-src 'self'", "img-src 'self' https:"
)


@cache
def templates() -> Mapping[str, Template]:
    """Return every template, compiled: an error in one shows at the start, not to a reader."""
    environment = Environment(
        loader=PackageLoader("aggregator.serve"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return {name: environment.get_template(name) for name in environment.list_templates()}


class Press:
    """Prints pages from the templates."""

    def __init__(self) -> None:
        self._templates = templates()

    def page(
        self,
        request: Request,
        visit: Visit,
        template: str,
        *,
        status: int = 200,
        images: bool = False,
        **values: object,
    ) -> Response:
        """Print a page; a browser that holds the same one gets a 304.

        Args:
            request: what was asked, for its conditional headers.
            visit: who asks.
            template: a file of `templates/`.
            status: the HTTP status.
            images: whether outlets' thumbnails may be loaded.
            values: what the template is given besides `visit`.
        """
        text = self._templates[template].render(visit=visit, **values)
        body = text.encode("utf-8", "replace")
        etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        policy = CONTENT_SECURITY_POLICY_WITH_IMAGES if images else CONTENT_SECURITY_POLICY
        headers = {
            "content-security-policy": policy,
            "cache-control": "private, no-cache",
            "etag": etag,
            "vary": "Accept, Cookie, Authorization",
        }
        if status == 200 and matches(request.headers.get("if-none-match", ""), (etag,)):
            return Response(status_code=304, headers=headers)
        return Response(
            body, status_code=status, headers=headers, media_type="text/html; charset=utf-8"
        )
