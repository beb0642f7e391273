"""What an operator can turn, and the few numbers behind it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

_THRESHOLDS: Final = {"strict": 0.60, "normal": 0.40, "loose": 0.30}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterOptions:
    """How long entries can still be joined, and how alike they must be."""

    window: timedelta = timedelta(days=14)
    sensitivity: str = "normal"  # strict | normal | loose

    @property
    def threshold(self) -> float:
        """Return the score from which an entry joins a story."""
        return _THRESHOLDS[self.sensitivity]
