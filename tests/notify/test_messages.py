"""What ntfy and webhooks are sent."""

import hashlib
import hmac
import json
from base64 import b64decode
from dataclasses import replace

from aggregator.model.output import Notify
from aggregator.notify.messages import message_of
from aggregator.publish.item import make_item
from tests.publish.newsroom import ALL, NOW, context, filed, story

AT = NOW.replace(microsecond=0)
ITEM = make_item(story(filed("停戦で合意", summary="両国は合意した。")), ALL, context(), AT, AT)
NTFY = Notify(url="https://ntfy.example/x")
HOOK = Notify(url="https://hook.example/", kind="webhook")


def test_ntfy_gets_the_headline_as_text_and_the_output_as_title():
    message = message_of(ITEM, ALL, NTFY, 4, "", NOW)
    assert message.body.decode() == "停戦で合意\n毎日新聞ほか3社"
    assert message.headers["Click"] == ITEM.url
    encoded = message.headers["Title"].removeprefix("=?UTF-8?B?").removesuffix("?=")
    assert b64decode(encoded).decode() == ALL.title
    assert all(value.isascii() for value in message.headers.values())


def test_ntfy_is_told_in_the_outputs_language_and_without_a_link_where_there_is_none():
    english = replace(ALL, language="en", title="All\nnews")
    message = message_of(replace(ITEM, url=None), english, NTFY, 2, "", NOW)
    assert message.body.decode().endswith("毎日新聞 and 1 more")
    assert message.headers["Title"] == "All news"
    assert "Click" not in message.headers
    assert message_of(ITEM, ALL, NTFY, 1, "", NOW).body.decode().endswith("\n毎日新聞")


def test_a_headline_of_any_length_stays_a_message_and_no_attachment():
    long = replace(ITEM, title="長" * 10_000)
    assert len(message_of(long, ALL, NTFY, 1, "", NOW).body) < 4096


def test_a_webhook_is_signed_over_the_bytes_that_it_gets():
    message = message_of(ITEM, ALL, HOOK, 4, "geheim", NOW)
    digest = hmac.new(b"geheim", message.body, hashlib.sha256).hexdigest()
    assert message.headers["X-Aggregator-Signature"] == f"sha256={digest}"
    assert message.headers["X-Aggregator-Delivery"] == ITEM.id
    said = json.loads(message.body)
    assert said["event"] == message.headers["X-Aggregator-Event"] == "story"
    assert (said["title"], said["story"], said["independent"]) == ("停戦で合意", ITEM.story, 4)
    assert said["output"] == "all"
