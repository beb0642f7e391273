"""Short ways to build topics."""

from typing import Any

from aggregator.model.identifiers import TopicId
from aggregator.model.topic import Term, TermKind, Topic

Written = str | dict[str, str]


def term(written: Written) -> Term:
    if isinstance(written, str):
        return Term(written)
    ((kind, text),) = written.items()
    return Term(text, TermKind(kind))


def topic(
    *lists: list[Written],
    id: str = "t",
    never: tuple[Written, ...] = (),
    weights: dict[str, float] | None = None,
    **more: Any,
) -> Topic:
    return Topic(
        id=TopicId(id),
        names=(("", id),),
        all=tuple(tuple(term(one) for one in terms) for terms in lists),
        never=tuple(term(one) for one in never),
        weights=tuple((Term(text), points) for text, points in (weights or {}).items()),
        **more,
    )
