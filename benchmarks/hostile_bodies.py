"""Bodies that hurt readers of feeds: each is one way of spending 10 MiB (reliability, table A)."""

import gzip
import json
import random
import zlib
from collections.abc import Callable, Mapping
from typing import Final

import brotli

MIB: Final = 1 << 20
SIZE: Final = 10 * MIB - 64 * 1024  # just below what is taken at all
_HEAD: Final = b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>t</title>'
_TAIL: Final = b"</channel></rss>"
_ATOM: Final = b'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><id>i</id>'


def filled(head: bytes, unit: bytes, tail: bytes = b"", size: int = SIZE) -> bytes:
    """Return head and tail with as many units between them as fit."""
    return head + unit * ((size - len(head) - len(tail)) // len(unit)) + tail


def numbered(head: bytes, unit: str, tail: bytes = b"", size: int = SIZE) -> bytes:
    """Return the same with a number in every unit, written as `%d`."""
    room, length, pieces, number = size - len(head) - len(tail), 0, [], 0
    while length < room:
        piece = unit.replace("%d", str(number)).encode()
        pieces.append(piece)
        length, number = length + len(piece), number + 1
    return head + b"".join(pieces[:-1]) + tail


def channel(unit: bytes) -> bytes:
    """Return a channel full of something."""
    return filled(_HEAD, unit, _TAIL)


def item(unit: bytes, around: tuple[bytes, bytes] = (b"", b"")) -> bytes:
    """Return one item full of something."""
    head = _HEAD + b"<item><title>x</title><guid>g</guid>" + around[0]
    return filled(head, unit, around[1] + b"</item>" + _TAIL)


def described(unit: bytes) -> bytes:
    """Return one item whose description is full of escaped markup."""
    escaped = unit.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    return item(escaped, (b"<description>", b"</description>"))


def raw_described(unit: bytes) -> bytes:
    """Return one item whose description is full of markup in CDATA."""
    return item(unit, (b"<description><![CDATA[", b"]]></description>"))


def in_element(name: str, unit: bytes) -> bytes:
    """Return one item with one element full of something."""
    return item(unit, (f"<{name}>".encode(), f"</{name}>".encode()))


def thousand(begin: bytes, unit: str) -> bytes:
    """Return a thousand items, each with a beginning and then its share of something (`%d`: a number)."""
    pieces = []
    for number in range(1000):
        head = f"<item><guid>{number}</guid><title>{number}</title>".encode() + begin
        end = b"]]></description></item>" if b"CDATA" in begin else b"</item>"
        pieces.append(numbered(head, unit, end, (SIZE - 300) // 1000))
    return _HEAD + b"".join(pieces) + _TAIL


def subset(unit: bytes) -> bytes:
    """Return a document whose internal subset is full of something."""
    return filled(b'<?xml version="1.0"?><!DOCTYPE rss [', unit, b"]>" + _HEAD[38:] + _TAIL)


def laughs() -> bytes:
    """Return ten billion laughs."""
    lines = ['<!ENTITY a0 "ha">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11)]
    document = f"<?xml version='1.0'?><!DOCTYPE rss [{''.join(lines)}]>"
    return document.encode() + b"<rss version='2.0'><channel><title>&a10;</title></channel></rss>"


def blown_up() -> bytes:
    """Return one long entity that is used often."""
    head = b"<!DOCTYPE rss [<!ENTITY a '" + b"x" * 100_000 + b"'>]>" + _HEAD[38:] + b"<item><title>"
    return filled(head, b"&a;", b"</title></item>" + _TAIL)


def json_feed(items: str) -> bytes:
    """Return a JSON Feed with these items."""
    version = "https://jsonfeed.org/version/1.1"
    return f'{{"version":"{version}","title":"t","items":[{items}]}}'.encode()


def json_item(key: str, unit: str, around: tuple[str, str]) -> bytes:
    """Return a JSON Feed whose one item has one value full of something."""
    count = (SIZE - 300) // len(unit)
    value = around[0] + (unit * count).rstrip(",") + around[1]
    return json_feed(f'{{"id":"1","title":"x","{key}":{value}}}')


def rubbish() -> bytes:
    """Return bytes without any order, the same each time."""
    return random.Random(1).randbytes(SIZE)


BODIES: Final[Mapping[str, Callable[[], bytes]]] = {
    # nothing but beginnings
    "< and nothing else": lambda: b"<" * SIZE,
    "<rss> then <": lambda: filled(_HEAD, b"<"),
    "<a ": lambda: filled(_HEAD, b"<a "),
    '<a b="': lambda: filled(_HEAD, b'<a b="'),
    "<a b=' and =": lambda: filled(_HEAD, b"<a b='="),
    "<? without end": lambda: filled(_HEAD, b"<?"),
    "<! without end": lambda: filled(_HEAD, b"<!"),
    "<!-- without end": lambda: filled(_HEAD, b"<!--"),
    "<![CDATA[ without end": lambda: filled(_HEAD, b"<![CDATA["),
    "]]> everywhere": lambda: channel(b"]]>"),
    "</a> everywhere": lambda: channel(b"</a>"),
    "> everywhere": lambda: channel(b">"),
    "quotes everywhere": lambda: filled(_HEAD, b"<a b=\"'\" c='\"'>"),
    # elements
    "<a> nested": lambda: filled(_HEAD, b"<a>"),
    "<item> nested": lambda: filled(_HEAD, b"<item>"),
    "<a/> beside each other": lambda: channel(b"<a/>"),
    "<item/> empty": lambda: channel(b"<item/>"),
    "items never closed": lambda: channel(b"<item><title>x"),
    "items, small and alike": lambda: channel(b"<item><title>x</title></item>"),
    "items, each its own": lambda: numbered(
        _HEAD, "<item><title>t%d</title><link>https://a.example/%d</link></item>", _TAIL
    ),
    "items with dates": lambda: channel(
        b"<item><title>x</title><pubDate>Mon, 23 Nov 2026 09:07:00 +0900</pubDate></item>"
    ),
    "items in items": lambda: channel(b"<item><title>x</title><item></item></item>"),
    "one item, categories": lambda: numbered(
        _HEAD + b"<item>", "<category>c%d</category>", b"</item>" + _TAIL
    ),
    "one item, enclosures": lambda: item(b'<enclosure url="https://a.example/x" length="1"/>'),
    "one item, links": lambda: item(b"<link>https://a.example/</link>"),
    "one item, authors": lambda: item(b"<author>a@b.example (A)</author>"),
    "one item, titles": lambda: item(b"<title>x</title>"),
    "one item, media": lambda: item(
        b'<media:content xmlns:media="http://search.yahoo.com/mrss/" url="https://a.example/i"/>'
    ),
    "channel titles": lambda: channel(b"<title>x</title>"),
    "Atom entries": lambda: filled(_ATOM, b"<entry><id>x</id><title>x</title></entry>", b"</feed>"),
    "Atom links of an entry": lambda: filled(
        _ATOM + b"<entry>", b'<link href="https://a.example/"/>', b"</entry></feed>"
    ),
    "Atom xhtml, nested": lambda: filled(
        _ATOM + b'<entry><content type="xhtml">', b"<div>", b"</content></entry></feed>"
    ),
    "Atom xhtml, wide": lambda: filled(
        _ATOM + b'<entry><content type="xhtml"><div>', b"<p>x</p>", b"</div></content></entry></feed>"
    ),
    "RDF items": lambda: filled(
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">',
        b"<item><title>x</title></item>",
        b"</rdf:RDF>",
    ),
    # attributes and names
    "attributes, each its own": lambda: numbered(_HEAD + b"<item ", 'a%d="" ', b"/>" + _TAIL),
    "attributes, all alike": lambda: filled(_HEAD + b"<item ", b'a="" ', b"/>" + _TAIL),
    "name spaces": lambda: numbered(
        _HEAD, '<a%d:b xmlns:a%d="https://a.example/%d"/>', _TAIL
    ),
    "one long attribute": lambda: filled(_HEAD + b'<item a="', b"x", b'"/>' + _TAIL),
    "one long name": lambda: filled(_HEAD + b"<", b"x", b"/>" + _TAIL),
    # what is not text
    "comments, small": lambda: channel(b"<!---->"),
    "comment, long": lambda: filled(_HEAD + b"<!--", b"x", b"-->" + _TAIL),
    "instructions": lambda: channel(b"<?x ?>"),
    "CDATA, small": lambda: item(b"<![CDATA[]]>", (b"<title>", b"</title>")),
    "CDATA, long": lambda: raw_described(b"x"),
    # entities
    "billion laughs": laughs,
    "one entity used often": blown_up,
    "an internal subset of comments": lambda: subset(b"<!-- x -->"),
    "an internal subset of entities": lambda: subset(b'<!ENTITY x "y">'),
    "an internal subset of rubbish": lambda: subset(b"["),
    "<!DOCTYPE repeated": lambda: b"<!DOCTYPE " * (SIZE // 10),
    "&amp; in a title": lambda: in_element("title", b"&amp;"),
    "& alone": lambda: in_element("title", b"&"),
    "unknown entities": lambda: in_element("title", b"&x;"),
    "numeric references": lambda: in_element("description", b"&#65;"),
    "references to nothing": lambda: in_element("description", b"&#0;"),
    # long values
    "a title of letters": lambda: in_element("title", b"x"),
    "a title of spaces": lambda: in_element("title", b" \n"),
    "a title in Japanese": lambda: in_element("title", "停戦".encode()),
    "an author of addresses": lambda: in_element("author", b"a@b.example "),
    "an author of brackets": lambda: in_element("author", b"("),
    "a date of digits": lambda: in_element("pubDate", b"9"),
    "a date of words": lambda: in_element("pubDate", b"Mon, "),
    "a guid": lambda: in_element("guid", b"x"),
    "a link": lambda: in_element("link", b"https://a.example/?"),
    "a link of dots": lambda: in_element("link", b"../"),
    "a ttl of digits": lambda: filled(_HEAD + b"<ttl>", b"9", b"</ttl>" + _TAIL),
    # small on the wire, large in memory: one emoji makes every letter of its text take four bytes
    "texts with an emoji": lambda: thousand("<description><![CDATA[😀".encode(), "word "),
    "categories with an emoji": lambda: thousand(b"", "<category>%d😀" + "x" * 190 + "</category>"),
    "enclosures in Japanese": lambda: thousand(
        b"", '<enclosure url="https://a.example/%d/' + "停戦" * 90 + '"/>'
    ),
    "titles with an emoji": lambda: numbered(
        _HEAD, "<item><title>%d😀" + "x" * 900 + "</title><link>https://a.example/%d</link></item>", _TAIL
    ),
    "pictures that grow when cleaned": lambda: thousand(
        b"<description><![CDATA[", "<img src=/%d>words of ten letters, and more of them "
    ),
    # HTML inside
    "HTML < ": lambda: described(b"<"),
    "HTML <div> nested": lambda: described(b"<div>"),
    "HTML <b><p>": lambda: described(b"<b><p>"),
    "HTML <a href>": lambda: described(b"<a href=x>"),
    "HTML <a> not closed, text": lambda: raw_described(b"<a href='x'>y"),
    "HTML <img>": lambda: described(b'<img src="https://a.example/i">'),
    "HTML <table><b>": lambda: described(b"<table><b>"),
    "HTML <svg><math>": lambda: described(b"<svg><math>"),
    "HTML <!--": lambda: described(b"<!--"),
    "HTML <p> wide": lambda: raw_described(b"<p>x</p>"),
    "HTML <li> not closed": lambda: raw_described(b"<li>"),
    "HTML <select><option>": lambda: raw_described(b"<select><option>"),
    "HTML </p>": lambda: raw_described(b"</p>"),
    "HTML attributes": lambda: raw_described(b"<p " + b"a " * 500 + b">"),
    "HTML entities": lambda: raw_described(b"&amp;lt;"),
    "HTML <template>": lambda: raw_described(b"<template>"),
    "HTML <font><p>": lambda: raw_described(b"<font color=x><p>"),
    # JSON
    "JSON [": lambda: b"[" * SIZE,
    'JSON {"a":': lambda: b'{"a":' * (SIZE // 5),
    "JSON items, empty": lambda: json_feed(",".join(["{}"] * (SIZE // 3 - 100))),
    "JSON items": lambda: json_feed(",".join(['{"id":"1","title":"x"}'] * (SIZE // 23 - 100))),
    "JSON title": lambda: json_item("summary", "x", ('"', '"')),
    "JSON tags": lambda: json_item("tags", '"x",', ("[", "]")),
    "JSON attachments": lambda: json_item("attachments", '{"url":"https://a.example"},', ("[", "]")),
    "JSON html": lambda: json_item("content_html", "<div>", ('"', '"')),
    "JSON digits": lambda: json_item("x", "1", ("", "")),
    "JSON escapes": lambda: json_item("title", "\\ud800", ('"', '"')),
    "JSON keys": lambda: json_feed(
        json.dumps({f"k{number}": 0 for number in range(600_000)})[: SIZE - 200]
    ),
    # bytes
    "a web page": lambda: filled(b"<!doctype html><html><body>", b"<p>Please log in</p>"),
    "NUL": lambda: bytes(SIZE),
    "NUL in a feed": lambda: channel(b"\0"),
    "0xFF": lambda: b"\xff" * SIZE,
    "rubbish": rubbish,
    "UTF-16": lambda: channel(b"<item><title>x</title></item>")[: SIZE // 2].decode().encode("utf-16"),
    "UTF-16 declared, UTF-8 sent": lambda: channel(b"<item/>").replace(b"utf-8", b"utf-16", 1),
    "Shift_JIS": lambda: _HEAD.replace(b"utf-8", b"shift_jis")
    + "<item><title>停戦</title></item>".encode("shift_jis") * (SIZE // 40)
    + _TAIL,
    "ISO-2022-JP escapes": lambda: filled(_HEAD.replace(b"utf-8", b"iso-2022-jp"), b"\x1b$B\x1b(B"),
    "UTF-7": lambda: filled(b'<?xml version="1.0" encoding="utf-7"?><rss>', b"+ADw-"),
    "spaces, then a feed": lambda: filled(b"", b" ", _HEAD + _TAIL),
}  # fmt: skip


def gzip_bomb() -> bytes:
    """Return a few bytes that become 200 MiB."""
    return gzip.compress(bytes(200 * MIB), 9)


def brotli_bomb() -> bytes:
    """Return fewer bytes that become as much."""
    return bytes(brotli.compress(bytes(200 * MIB), quality=9))


def twice_gzipped() -> bytes:
    """Return a bomb in a bomb."""
    return gzip.compress(gzip.compress(bytes(200 * MIB), 9), 9)


CODED: Final[Mapping[str, tuple[str, Callable[[], bytes]]]] = {
    "gzip bomb": ("gzip", gzip_bomb),
    "gzip bomb in gzip": ("gzip", twice_gzipped),
    "brotli bomb": ("br", brotli_bomb),
    "deflate bomb": ("deflate", lambda: zlib.compress(bytes(200 * MIB), 9)),
    "gzip that breaks off": ("gzip", lambda: gzip.compress(rubbish())[:-100]),
    "rubbish said to be gzip": ("gzip", rubbish),
}
# How a server can be slow or endless; the origin of benchmarks/hostile.py plays them.
MANNERS: Final = ("one byte a second", "silent after the header", "endless body", "endless header", "cut short")  # fmt: skip
