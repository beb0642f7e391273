"""A story as a message: to ntfy, or to a webhook with our signature over its bytes."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aggregator.model.output import Item, Notify, Output

_LONGEST: Final = 1200  # characters; of more than 4,096 bytes ntfy makes an attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent to `Notify.url` by POST."""

    body: bytes
    headers: Mapping[str, str]


def message_of(
    item: Item, output: Output, notify: Notify, independent: int, secret: str, now: datetime
) -> Message:
    """Return the message about a story's item in the form that the operator chose."""
    if notify.kind == "webhook":
        return _webhook(item, output, independent, secret, now)
    return _ntfy(item, output, independent)


def signature(body: bytes, secret: str) -> str:
    """Return what `X-Aggregator-Signature` says: HMAC-SHA256 over the body's bytes, in hexadecimal."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _ntfy(item: Item, output: Output, independent: int) -> Message:
    """As ntfy's documentation of "publishing" has it: the text as body, the rest in headers."""
    others = independent - 1
    if output.language == "ja":
        outlets = f"{item.outlet}ほか{others}社" if others > 0 else item.outlet
    else:
        outlets = f"{item.outlet} and {others} more" if others > 0 else item.outlet
    headers = {
        "Content-Type": "text/plain; charset=utf-8",
        "Title": _header(output.title),
        "Tags": "newspaper",
    }
    if item.url is not None:
        headers["Click"] = item.url
    return Message(body=f"{item.title[:_LONGEST]}\n{outlets}".encode(), headers=headers)


def _webhook(item: Item, output: Output, independent: int, secret: str, now: datetime) -> Message:
    body = json.dumps(
        {
            "event": "story",
            "output": output.id,
            "id": item.id,
            "story": item.story,
            "title": item.title,
            "url": item.url,
            "outlet": item.outlet,
            "summary": item.summary,
            "language": item.language,
            "published": item.published.isoformat(),
            "independent": independent,
            "topics": [topic for topic, _ in item.topics],
            "sent": now.replace(microsecond=0).isoformat(),
        },
        ensure_ascii=False,
    ).encode()
    return Message(
        body=body,
        headers={
            "Content-Type": "application/json",
            "X-Aggregator-Event": "story",
            "X-Aggregator-Delivery": item.id,
            "X-Aggregator-Signature": signature(body, secret),
        },
    )


def _header(text: str) -> str:
    """Return a text as a header may carry it: RFC 2047 where it is not ASCII, which ntfy decodes."""
    line = " ".join(text.split())
    return line if line.isascii() else f"=?UTF-8?B?{b64encode(line.encode()).decode()}?="
