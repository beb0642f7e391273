"""robots.txt (RFC 9309): which pages a robot may ask for (pure)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlsplit

MAX_SIZE: Final = 500 * 1024  # bytes that are read (RFC 9309 2.5)


@dataclass(frozen=True, slots=True)
class Rule:
    """One allow or disallow line."""

    pattern: str
    allow: bool


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one site, by product token in lower case; `*` is for everybody else."""

    groups: tuple[tuple[str, tuple[Rule, ...]], ...] = ()

    def allows(self, url: str, agent: str) -> bool:
        """Tell whether a robot with this product token may ask for a URL.

        The longest pattern that matches decides, `allow` among equals (RFC 9309 2.2.2).
        """
        groups = dict(self.groups)
        rules = groups.get(agent.lower(), groups.get("*", ()))
        parts = urlsplit(url)
        target = _escaped((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        matching = [rule for rule in rules if _matches(rule.pattern, target)]
        best = max(matching, key=lambda rule: (len(rule.pattern), rule.allow), default=None)
        return best is None or best.allow


ALLOW_ALL: Final = Robots()
DISALLOW_ALL: Final = Robots((("*", (Rule("/", allow=False),)),))


def parse_robots(body: bytes) -> Robots:
    """Read a robots.txt; lines that are none are skipped."""
    groups: dict[str, list[Rule]] = {}
    agents: list[str] = []
    in_rules = False
    for line in body[:MAX_SIZE].decode("utf-8-sig", "replace").splitlines():
        key, _, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if key == "user-agent":
            agents = [*([] if in_rules else agents), _token(value)]
            in_rules = False
            groups.setdefault(agents[-1], [])
        elif key in ("allow", "disallow"):
            in_rules = True
            for agent in agents if value else ():
                groups[agent].append(Rule(_escaped(value), allow=key == "allow"))
    return Robots(tuple((agent, tuple(rules)) for agent, rules in groups.items()))


def _token(value: str) -> str:
    """Return the product token that a group is for: letters, `_` and `-`, or `*`."""
    match = re.match(r"[A-Za-z_-]+", value)
    return match.group().lower() if match else value[:1]


def _escaped(text: str) -> str:
    """Return text in one form of percent-encoding, so that patterns and URLs compare."""
    encoded = quote(text, safe="%/?:@!$&'()*+,;=~[]#|\\^`{}<>\"")
    return re.sub(r"%[0-9a-fA-F]{2}", _normal_escape, encoded)


def _normal_escape(match: re.Match[str]) -> str:
    character = chr(int(match.group()[1:], 16))
    unreserved = character.isascii() and (character.isalnum() or character in "-._~")
    return character if unreserved else match.group().upper()


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    anchored = pattern.endswith("$")
    body = re.sub(r"\*+", "*", pattern[:-1] if anchored else pattern)
    return re.compile(".*".join(map(re.escape, body.split("*"))) + (r"\Z" if anchored else ""))


def _matches(pattern: str, target: str) -> bool:
    return _compiled(pattern).match(target) is not None
