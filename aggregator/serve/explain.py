"""Why an entry stands in its story, in the reader's language, from the decision that was stored."""

from aggregator.model.query import FiledEntry, StoryFile
from aggregator.model.story import Decision, Layer
from aggregator.serve.views import Outlets, shorten
from aggregator.serve.visit import Visit

NEIGHBOURS_SHOWN = 3
TERMS_SHOWN = 6


def why(filed: FiledEntry, story: StoryFile, outlets: Outlets, visit: Visit) -> tuple[str, ...]:
    """Return the reasons, one sentence each; none while the entry waits to be understood."""
    if filed.placement is None:
        return ()
    decision = filed.placement.decision
    reasons = [visit.t(f"why.{decision.layer.value}")]
    if decision.layer in (Layer.STORY, Layer.TEXT):
        reasons += _neighbours(decision, story, outlets, visit)
        if decision.threshold:
            reasons.append(
                visit.t(
                    "why.score",
                    score=f"{decision.score:.2f}",
                    threshold=f"{decision.threshold:.2f}",
                )
            )
    if filed.placement.credit:
        reasons.append(visit.t("why.credit", credit=filed.placement.credit))
    reasons += [visit.t("why.guard", guard=guard) for guard in decision.guards]
    return tuple(reasons)


def _neighbours(decision: Decision, story: StoryFile, outlets: Outlets, visit: Visit) -> list[str]:
    known = {filed.entry.id: filed.entry for filed in story.entries}
    lines = []
    for neighbour in decision.neighbours[:NEIGHBOURS_SHOWN]:
        entry = known.get(neighbour.entry)
        if entry is None:  # it was withdrawn, or a person split it off
            continue
        values = {
            "outlet": outlets.get(entry.source).label,
            "title": shorten(entry.title, 60),
            "terms": visit.t("list.comma").join(neighbour.shared[:TERMS_SHOWN]),
        }
        lines.append(visit.t("why.near_terms" if neighbour.shared else "why.near", **values))
    return lines
