"""Who publishes at a feed's address, in short, so that a taken-over address is noticed (A56, A57)."""

from collections.abc import Iterable
from typing import Final

_MOST: Final = 8  # link hosts and authors that are kept of each
_PART, _ITEM = "|", ","


def signature_of(
    link_hosts: Iterable[str], language: str | None, authors: Iterable[str]
) -> str | None:
    """Return a document's signature, `hosts|language|authors`; None where it has no link.

    Hosts and authors are best given most frequent first.
    """
    hosts = _listed(link_hosts)
    if not hosts:
        return None
    return _PART.join((hosts, _listed([(language or "")[:2]]), _listed(authors)))


def _listed(names: Iterable[str]) -> str:
    plain = (name.strip().lower().replace(_PART, " ").replace(_ITEM, " ") for name in names)
    return _ITEM.join(sorted([name for name in dict.fromkeys(plain) if name][:_MOST]))


def is_another_publisher(
    old: str | None, new: str | None, old_title: str | None, new_title: str | None
) -> bool:
    """Tell whether everything that is known of both documents differs, hosts and one more at least.

    A publisher who moves keeps language or title or authors; spam on a lapsed domain keeps none.
    """
    if old is None or new is None:
        return False
    (old_hosts, old_language, old_authors), (hosts, language, authors) = (
        _parts(old),
        _parts(new),
    )
    pairs = (
        (old_language, language),
        (old_authors, authors),
        ({old_title or ""}, {new_title or ""}),
    )
    known = [(before, after) for before, after in pairs if before - {""} and after - {""}]
    return (
        bool(known) and not old_hosts & hosts and not any(before & after for before, after in known)
    )


def _parts(signature: str) -> tuple[set[str], set[str], set[str]]:
    hosts, language, authors = signature.split(_PART)
    return set(hosts.split(_ITEM)), {language}, set(authors.split(_ITEM))
