"""Who publishes at a feed's address, in short: another publisher may have taken the address over.

A lapsed domain or a redirect to a parking page answers like any feed; what gives it away is that
link hosts, language, authors and title all change at once (reliability A56, A57).
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Final

from aggregator.identify.canonical_url import canonical_url, host_of
from aggregator.model.entry import ParsedFeed
from aggregator.text.normalise import fold
from aggregator.text.script import language_of

_KEPT: Final = 5  # of the most frequent hosts and authors


def signature(parsed: ParsedFeed, before: str | None) -> str:
    """Return who publishes here, as JSON: link hosts, language, authors and title of a document.

    A document without an entry that is new to us tells nothing: the one from before stays.
    """
    if not parsed.entries:
        return before or ""
    urls = [canonical_url(entry.url or "") for entry in parsed.entries]
    spoken = [language_of(f"{entry.title} {entry.summary}") for entry in parsed.entries]
    parts = {
        "hosts": _most_frequent(host_of(url) for url in urls if url),
        "languages": _most_frequent(language for language in spoken if language)[:1],
        "authors": _most_frequent(fold(entry.author) for entry in parsed.entries if entry.author),
        "titles": [fold(parsed.title)] if parsed.title else [],
    }
    return json.dumps(parts, ensure_ascii=False, sort_keys=True)


def continuity(old: str | None, new: str) -> bool:
    """Tell whether two signatures may be of one publisher: False only when all changed at once.

    What one of them does not say counts as unchanged where it is the only thing to go by: without
    link hosts on both sides nothing is suspected.
    """
    if not old or not new:
        return True
    before, after = json.loads(old), json.loads(new)
    comparable = [part for part in after if before.get(part) and after[part]]
    return "hosts" not in comparable or any(
        set(before[part]) & set(after[part]) for part in comparable
    )


def _most_frequent(values: Iterable[str]) -> list[str]:
    """Return the most frequent values, in order of the alphabet."""
    return sorted(value for value, _ in Counter(values).most_common(_KEPT))
