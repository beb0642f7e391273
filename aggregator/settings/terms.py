"""The terms of a topic's rule: how they are written, and aliases put in where `$name` stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field, PlainValidator, WithJsonSchema

from aggregator.model.topic import Near, Term, TermKind
from aggregator.settings.document import quoted
from aggregator.settings.fields import Many, text_of
from aggregator.tag.country_signs import COUNTRY_SIGNS
from aggregator.text.normalise import fold

# What Japanese headlines write for a country: alone, each is also part of everyday words (米価, 露呈,
# 中止, 仏像), so that as a plain term it would match them all.
_COUNTRY_SIGNS: Final = frozenset(fold(sign) for sign in COUNTRY_SIGNS)
_MAX_TERM: Final = 200


@dataclass(frozen=True, slots=True)
class Reference:
    """`$name`: the terms of an alias."""

    name: str


def parse_term(value: object) -> Term | Reference:
    """Read one term: text, or `{case: ...} {stem: ...} {kanji: ...} {regex: ...}`."""
    if isinstance(value, dict):
        return _parse_marked(value)
    text = _term_text(value)
    if (name := alias_name(text)) is not None:
        return Reference(name)
    if fold(text) in _COUNTRY_SIGNS:
        raise ValueError(
            f"{quoted(value)} alone is in everyday words too; as the country write {{kanji: {text}}}"
        )
    return Term(text)


def alias_name(term: str) -> str | None:
    """Return the name in `$name`; None for a term that is no alias."""
    text = term.strip()
    return text[1:] if text.startswith("$") else None


def _parse_marked(value: Mapping[str, object]) -> Term:
    kinds = {kind.value for kind in TermKind} - {TermKind.PLAIN.value}
    if len(value) != 1 or not value.keys() <= kinds:
        raise ValueError("a term is text, or one of {case: X} {stem: X} {kanji: X} {regex: X}")
    [(kind, written)] = value.items()
    text = _term_text(written)
    if kind == TermKind.KANJI and len(text) != 1:
        raise ValueError("{kanji: X} takes one character, the sign of a country")
    if kind == TermKind.REGEX:
        _check_regex(text)
    return Term(text, TermKind(kind))


def _term_text(value: object) -> str:
    text = text_of(value).strip()
    if not fold(text):
        raise ValueError("a term must not be empty")
    if len(text) > _MAX_TERM:
        raise ValueError(f"a term has at most {_MAX_TERM} characters")
    return text


def _check_regex(pattern: str) -> None:
    """Refuse what RE2 cannot run in linear time: it is what matches, later (reliability A70)."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0]
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"not a regular expression that runs in linear time: {reason}") from error
    if compiled.search(""):
        raise ValueError("the regular expression matches the empty text, so everything")


def parse_near(value: object) -> int | Near:
    """Read how close the lists must hit."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100_000:
        return value
    if value in ("title", "anywhere"):
        return Near(value)
    raise ValueError("must be a number of characters, `title` or `anywhere`")


def check_weighted(written: str) -> str:
    """Refuse as a weighted term what is no term by itself."""
    if isinstance(parse_term(written), Term):
        return written
    raise ValueError(f"{quoted(written)}: an alias cannot be weighted")


def expand(
    terms: Iterable[Term | Reference], aliases: Mapping[str, tuple[Term | Reference, ...]]
) -> tuple[Term, ...]:
    """Put aliases in, nested ones too; each term once, in the order of its first place.

    The aliases were checked before: every name is known, none contains itself.
    """
    found: dict[Term, None] = {}
    for term in terms:
        inner = expand(aliases[term.name], aliases) if isinstance(term, Reference) else (term,)
        found.update(dict.fromkeys(inner))
    return tuple(found)


TermList = Annotated[
    Many[
        Annotated[
            Term | Reference,
            PlainValidator(parse_term),
            WithJsonSchema(
                {
                    "anyOf": [
                        {"type": "string", "minLength": 1},
                        *(
                            {
                                "type": "object",
                                "properties": {kind: {"type": "string", "minLength": 1}},
                                "required": [kind],
                                "additionalProperties": False,
                            }
                            for kind in ("case", "stem", "kanji", "regex")
                        ),
                    ]
                }
            ),
        ]
    ],
    Field(min_length=1),
]
"""A list of terms, any of which is enough."""
