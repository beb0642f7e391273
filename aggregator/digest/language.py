"""Whether a sentence is in the language of a digest: feeds mislabel, and agencies send several."""

import re
from typing import Final

from aggregator.text.script import language_of

_WORD: Final = re.compile(r"[^\W\d_]+")
_ENGLISH: Final = frozenset(
    "the of to and in is was for on that with as by from at are has have said its it be an will after "
    "this his her their were been than which who over would could more into about not but they".split()
)
_OTHERS: Final = frozenset(
    "der die das und den von mit ist im für auf dem ein eine nicht sich des zu el la los las de del en "
    "que un una por con para su se al le les du et dans pour sur est au aux une nel di il che per da do "
    "dos em na no os um uma ao pela pelo het een van och att det på som är ja".split()
)


def written_in(text: str, language: str) -> bool:
    """Tell whether a sentence is in a language; Latin script is told apart by its small words."""
    script = language_of(text)
    if script != "en" or language != "en":
        return script == language
    words = [word.lower() for word in _WORD.findall(text)]
    english = sum(word in _ENGLISH for word in words)
    others = sum(word in _OTHERS for word in words)
    return english >= others and (english > 0 or others == 0)
