"""An edition is not changed after it is published; what turned out wrong becomes its next revision."""

from collections.abc import Collection
from dataclasses import replace

from aggregator.digest.wording import wording
from aggregator.model.digest import Digest, Section
from aggregator.model.identifiers import EntryId


def quoted_entries(digest: Digest) -> tuple[EntryId, ...]:
    """Return the entries that a digest quotes or names, each once."""
    named = [point.entry for section in digest.sections for point in section.points]
    named += [r.entry for section in digest.sections for r in section.readings if r.entry]
    named += [earlier.entry for earlier in digest.background if earlier.entry]
    return tuple(dict.fromkeys(named))


def revise(
    digest: Digest, *, rewritten: Collection[EntryId], withdrawn: Collection[EntryId]
) -> Digest:
    """Return a digest without what it quoted of entries that were rewritten or withdrawn, and saying so.

    `rewritten`: the sentence that was quoted does not stand there any more. Of what was withdrawn,
    links and headlines go too. Corrections come first. Without anything to revise, `digest` itself.
    """
    if not {*rewritten, *withdrawn} & set(quoted_entries(digest)):
        return digest
    gone = {r.url for s in digest.sections for r in s.readings if r.entry in withdrawn}
    gone |= {e.url for e in digest.background if e.entry in withdrawn and e.url is not None}
    sections = [
        kept
        for section in digest.sections
        if (kept := _revised(section, digest.language, rewritten, withdrawn)) is not None
    ]
    headlines = {s.headline for s in digest.sections} - {s.headline for s in sections}
    return replace(
        digest,
        title=_without(digest.title, headlines, sections),
        sections=tuple(sorted(sections, key=lambda section: section.correction is None)),
        background=tuple(e for e in digest.background if e.entry not in withdrawn),
        top=tuple(one for one in digest.top if one[2] not in gone and one[0] not in headlines),
    )


def _revised(
    section: Section,
    language: str,
    rewritten: Collection[EntryId],
    withdrawn: Collection[EntryId],
) -> Section | None:
    """Return a section as it may stand; None where nothing of it is left."""
    readings = tuple(r for r in section.readings if r.entry not in withdrawn)
    if section.readings and not readings:
        return None
    points = tuple(p for p in section.points if p.entry not in {*rewritten, *withdrawn})
    if len(points) == len(section.points) and len(readings) == len(section.readings):
        return section
    words = wording(language)
    lost = [p for p in section.points if p not in points]
    notes = [
        words.taken_back(p.outlet) if p.entry in withdrawn else words.rewritten(p.outlet)
        for p in lost
    ]
    taken = {r.title for r in section.readings if r not in readings}
    return replace(
        section,
        headline=readings[0].title if section.headline in taken else section.headline,
        points=points,
        readings=readings,
        correction=" ".join(dict.fromkeys(notes)) or section.correction,
    )


def _without(title: str, headlines: Collection[str], sections: list[Section]) -> str:
    """Return the title without a headline that was withdrawn."""
    for headline in headlines:
        title = title.replace(headline, sections[0].headline if sections else "")
    return title
