"""What no single value can know: ids that must be unique or known, keys that exclude each other.

These look at the files' plain values and expect nothing of their shape, so that they speak even
where something else in the same file is wrong.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from aggregator.settings.document import Document, quoted
from aggregator.settings.fields import parse_duration
from aggregator.settings.problems import KeyPath, Problem, did_you_mean
from aggregator.settings.terms import alias_name

# What the product itself publishes under /feeds.
_RESERVED: Final = ("digests", "status", "edits", "suppressed")
_RESERVED_BEGINNINGS: Final = ("digest-", "story-")
_DEFAULT_OUTPUTS: Final = ("all", "combined")


def check_sources(document: Document) -> Iterator[Problem]:
    """Check ids, feeds and their addresses."""
    yield from _repeated_ids(document, "sources")
    seen: dict[str, KeyPath] = {}
    for path, source in _mappings(document, "sources"):
        yield from _form_problems(document, path, source)
        for url_path, url in _feed_urls(path, source):
            first = seen.setdefault(_comparable(url), url_path)
            if first != url_path:
                line, _ = document.place_of(first)
                yield document.problem(url_path, f"the same feed as in line {line}")


def _form_problems(
    document: Document, path: KeyPath, source: Mapping[str, object]
) -> Iterator[Problem]:
    """Tell the short form (`url`) from the full one (`feeds`)."""
    if "feeds" not in source:
        if "url" not in source:
            yield document.problem(path, "needs `url`, or `feeds` where it has several")
        return
    for key in ("url", "every", "kind"):
        if key in source:
            yield document.problem((*path, key), "belongs to a feed: write it inside `feeds`")


def _feed_urls(path: KeyPath, source: Mapping[str, object]) -> Iterator[tuple[KeyPath, str]]:
    url, feeds = source.get("url"), source.get("feeds")
    if isinstance(url, str):
        yield (*path, "url"), url
    for i, feed in enumerate(feeds if isinstance(feeds, list) else []):
        if isinstance(feed, dict) and isinstance(feed.get("url"), str):
            yield (*path, "feeds", i, "url"), feed["url"]


def _comparable(url: str) -> str:
    """Return what two spellings of one address have in common (RFC 3986 6.2.2.1, 6.2.3)."""
    try:
        parts = urlsplit(url.strip())
        default = {"http": 80, "https": 443}.get(parts.scheme)
        port = "" if parts.port in (None, default) else f":{parts.port}"
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path or '/'}?{parts.query}"


def check_topics(document: Document) -> Iterator[Problem]:
    """Check ids and aliases."""
    yield from _repeated_ids(document, "topics")
    for path, topic in _mappings(document, "topics"):
        yield from _reserved(document, path, topic)
        aliases = topic.get("aliases")
        known = aliases if isinstance(aliases, dict) else {}
        for place, term in _references(path, topic):
            name = alias_name(term) or ""
            if name not in known:
                message = f"no alias {quoted(term)} here{did_you_mean(name, known)}"
                yield document.problem(place, message)
        for name in known:
            if _reaches(name, name, known):
                yield document.problem((*path, "aliases", name), "the alias contains itself")


def _references(path: KeyPath, topic: Mapping[str, object]) -> Iterator[tuple[KeyPath, str]]:
    """Yield every `$name` of a topic with its place."""
    lists: list[tuple[KeyPath, object]] = [((*path, "not"), topic.get("not"))]
    rule, aliases = topic.get("all"), topic.get("aliases")
    if isinstance(rule, list):
        lists += [((*path, "all", i), terms) for i, terms in enumerate(rule)]
    if isinstance(aliases, dict):
        lists += [((*path, "aliases", name), terms) for name, terms in aliases.items()]
    for place, terms in lists:
        for i, term in _dollar_terms(terms):
            yield (*place, i), term


def _dollar_terms(terms: object) -> Iterator[tuple[int, str]]:
    for i, term in enumerate(terms if isinstance(terms, list) else []):
        if isinstance(term, str) and alias_name(term) is not None:
            yield i, term


def _reaches(start: str, goal: str, aliases: Mapping[str, object]) -> bool:
    """Tell whether `goal` is met on the way down from `start`."""
    waiting, seen = [start], set[str]()
    while waiting:
        for _, term in _dollar_terms(aliases.get(waiting.pop())):
            name = alias_name(term) or ""
            if name == goal:
                return True
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return False


def check_outputs(document: Document, sources: Document, topics: Document) -> Iterator[Problem]:
    """Check ids, and that what outputs and digests refer to is there."""
    yield from _repeated_ids(document, "outputs")
    known_topics = _known_ids(topics, "topics")
    known_sources = _known_ids(sources, "sources")
    for path, output in _mappings(document, "outputs"):
        yield from _reserved(document, path, output)
        yield from _unknown(
            document, (*path, "topics"), output.get("topics"), known_topics, "topic"
        )
        yield from _unknown(
            document, (*path, "sources"), output.get("sources"), known_sources, "source"
        )
    yield from _digest_problems(document, known_topics)


def _digest_problems(document: Document, topics: frozenset[str] | None) -> Iterator[Problem]:
    outputs = _known_outputs(document, topics)
    subjects: dict[object, KeyPath] = {}
    for path, digest in _mappings(document, "digests"):
        given = [key for key in ("topic", "topics", "output") if digest.get(key) is not None]
        if len(given) != 1:
            yield document.problem(path, "needs exactly one of `topic`, `topics`, `output`")
        editions = digest.get("editions")
        if isinstance(editions, dict) and all(time is None for time in editions.values()):
            yield document.problem((*path, "editions"), "needs daily, morning, evening or weekly")
        yield from _unknown(document, (*path, "topic"), digest.get("topic"), topics, "topic")
        yield from _unknown(document, (*path, "topics"), digest.get("topics"), topics, "topic")
        yield from _unknown(document, (*path, "output"), digest.get("output"), outputs, "output")
        subject = digest_subject(digest)
        if subject and subjects.setdefault(subject, path) != path:
            line, _ = document.place_of(subjects[subject])
            yield document.problem(path, f"a second digest of the same: see line {line}")


def digest_subject(digest: Mapping[str, object]) -> str:
    """Return a digest's subject: a topic's id, several joined by "+", or an output's id."""
    topics = digest.get("topics")
    if isinstance(topics, list | tuple):
        return "+".join(str(topic) for topic in topics)
    return str(digest.get("topic") or digest.get("output") or "")


def _known_outputs(document: Document, topics: frozenset[str] | None) -> frozenset[str] | None:
    listed = _known_ids(document, "outputs")
    value = document.value if isinstance(document.value, dict) else {}
    if listed is None or topics is None:
        return None
    named = listed if isinstance(value.get("outputs"), list) else frozenset(_DEFAULT_OUTPUTS)
    return named | topics if value.get("per_topic", True) else named


def check_settings(document: Document) -> Iterator[Problem]:
    """Check that the three intervals are in order."""
    value = document.value if isinstance(document.value, dict) else {}
    polling = value.get("polling")
    if not isinstance(polling, dict):
        return
    names = ("min_interval", "default_interval", "max_interval")
    spans = [span for span in (_span(polling.get(name)) for name in names) if span is not None]
    if spans != sorted(spans):
        message = "must be in order: min_interval, default_interval, max_interval"
        yield document.problem(("polling",), message)


def _span(value: object) -> timedelta | None:
    try:
        return parse_duration(value)
    except ValueError:
        return None


def _mappings(document: Document, key: str) -> Iterator[tuple[KeyPath, Mapping[str, object]]]:
    """Yield the mappings of a file's list with their paths, whatever else stands in it."""
    value = document.value
    items = value.get(key) if isinstance(value, dict) else None
    for i, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict):
            yield (key, i), item


def _repeated_ids(document: Document, key: str) -> Iterator[Problem]:
    seen: dict[str, KeyPath] = {}
    for path, item in _mappings(document, key):
        name = item.get("id")
        if isinstance(name, str) and seen.setdefault(name, path) != path:
            line, _ = document.place_of((*seen[name], "id"))
            yield document.problem((*path, "id"), f"the id {quoted(name)} is taken in line {line}")


def _reserved(document: Document, path: KeyPath, item: Mapping[str, object]) -> Iterator[Problem]:
    name = item.get("id")
    if isinstance(name, str) and (name in _RESERVED or name.startswith(_RESERVED_BEGINNINGS)):
        yield document.problem((*path, "id"), f"{quoted(name)} is a feed of the program itself")


def _known_ids(document: Document, key: str) -> frozenset[str] | None:
    """Return the ids of a file's list; None when nothing can be known of them."""
    if not document.readable:
        return None
    ids = (item.get("id") for _, item in _mappings(document, key))
    return frozenset(name for name in ids if isinstance(name, str))


def _unknown(
    document: Document, path: KeyPath, value: object, known: frozenset[str] | None, noun: str
) -> Iterator[Problem]:
    """Yield a problem for each id, one or a list of them, that is not known."""
    if known is None:
        return
    names = (
        [((*path, i), name) for i, name in enumerate(value)]
        if isinstance(value, list)
        else [(path, value)]
    )
    for place, name in names:
        if isinstance(name, str) and name not in known:
            yield document.problem(place, f"no {noun} {quoted(name)}{did_you_mean(name, known)}")
