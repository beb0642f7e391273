"""How far a long step is, for whoever looks on."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Takes the step's name, how much is done, and how much there is in all."""


def unseen(step: str, done: int, total: int) -> None:
    """Report to nobody."""
