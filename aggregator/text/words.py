"""Words of spaced scripts, brought to a common stem: enough to compare headlines, not a dictionary."""

from functools import lru_cache
from typing import Final

STOP_WORDS: Final = frozenset(
    """
    a about after again against all also am amid an and any are as at be because been before being but by can could
    did do does for from further get gets got had has have he her hers him his how i if in into is it its just may me
    might more most my new no not now of off on once one only or other our out over own per said say says she should
    since so some such than that the their theirs them then there these they this those through to too under until up
    us very was we were what when where which while who whom why will with would you your yet still here vs via
    в во на и с со не что как а по из за от к о об у для это его ее их был была было были он она они мы вы я но или
    до при так же бы то этом этот эта все всех который которые после также
    і й та що як з із зі до від про за на у в для це його її їх був була були він вона вони ми ви не але або при так
    der die das und in den von zu mit ist im für auf des dem ein eine nicht sich als auch es an nach wie
    el la los las de del en y a que un una por con no para su se al lo es más
    le les des du de la et en un une au aux que qui dans pour par sur ne pas se est plus avec
    """.split()  # one word a list element would fill five pages
)

OFFICES: Final = frozenset(
    """
    administration boss ceo chief congress court department dr governor government house king leader mayor minister
    ministry official parliament party pm police president presidential prime senate senator state white
    """.split()
)
"""Words for who holds an office: with a name they say who still, not what."""

# Longest first: the first that fits is cut, once. Enough for English inflection in headlines.
_CUTS: Final = (
    ("iness", "y"), ("ations", "at"), ("ation", "at"), ("ments", "ment"), ("ingly", ""), ("edly", ""),
    ("ities", "ity"), ("ators", "at"), ("ator", "at"), ("ates", "at"), ("ated", "at"), ("ating", "at"), ("ate", "at"),
    ("ies", "y"), ("ied", "y"), ("ying", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"),
    ("ings", ""), ("ing", ""), ("ers", "er"), ("eed", "eed"), ("ed", ""), ("ly", ""), ("es", ""), ("ss", "ss"), ("us", "us"),
    ("is", "is"), ("s", ""),
)  # fmt: skip


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Return the stem of a folded word: inflected forms of one word come out alike."""
    if not word.isascii():
        return word[: max(5, len(word) - 3)] if len(word) > 5 else word
    if len(word) < 4:
        return word
    for ending, instead in _CUTS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: len(word) - len(ending)] + instead
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]  # stopped -> stopp -> stop
    if len(word) > 4 and word.endswith("e"):
        word = word[:-1]
    return word
