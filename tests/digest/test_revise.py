"""Revisions: what was quoted and is not true any more goes, and the edition says so."""

from aggregator.digest.compose import compose, current_news
from aggregator.digest.revise import quoted_entries, revise
from aggregator.model.digest import Digest
from tests.digest.build import HOUR, NOW, context, issue, report, story

ONE = report("米ロ首脳が電話会談", "両首脳は18日、30日間の停戦で合意した。", source="mainichi")
TWO = report("米ロ電話会談の要旨", "米国は近く技術協議を始める予定だと発表した。", source="jiji")
LONE = report("露大使が会見", "大使は18日、都内で記者会見した。", source="nhk")
EARLIER = story(report("米ロ高官が協議", source="bbc", at=NOW - 90 * HOUR))


def made(language: str = "ja") -> Digest:
    about, ctx = issue(), context(language)
    return compose(current_news([story(ONE, TWO), story(LONE)], about, ctx), [EARLIER], about, ctx)


def test_a_rewritten_report_loses_its_quote_and_the_edition_says_so_first():
    digest = made()
    revised = revise(digest, rewritten={LONE.entry.id}, withdrawn=set())
    first = revised.sections[0]
    assert first.headline == "露大使が会見"
    assert first.points == ()
    assert first.readings == digest.sections[1].readings
    assert first.correction is not None
    assert "nhk" in first.correction
    assert "書き改められました" in first.correction


def test_what_was_withdrawn_is_gone_with_its_links_and_headlines():
    digest = made()
    revised = revise(digest, rewritten=set(), withdrawn={ONE.entry.id, EARLIER.lead.entry.id})
    section = next(s for s in revised.sections if s.story == digest.sections[0].story)
    assert section.headline == TWO.entry.title
    assert ONE.entry.title not in str(revised)
    assert str(ONE.entry.url) not in str(revised)
    assert revised.background == ()
    assert "取り下げられました" in str(section.correction)


def test_a_section_of_which_nothing_is_left_goes():
    revised = revise(made(), rewritten=set(), withdrawn={LONE.entry.id})
    assert [s.headline for s in revised.sections] == ["米ロ首脳が電話会談"]
    everything = {ONE.entry.id, TWO.entry.id, LONE.entry.id}
    assert revise(made(), rewritten=set(), withdrawn=everything).sections == ()


def test_nothing_to_revise_leaves_the_digest_itself():
    digest = made()
    assert revise(digest, rewritten=set(), withdrawn={EARLIER.entries[0].entry.id}) != digest
    assert revise(digest, rewritten=set(), withdrawn=set()) is digest
    assert set(quoted_entries(digest)) >= {ONE.entry.id, TWO.entry.id, EARLIER.lead.entry.id}


def test_a_second_revision_changes_no_more():
    digest = revise(made("en"), rewritten={LONE.entry.id}, withdrawn={TWO.entry.id})
    assert revise(digest, rewritten=set(), withdrawn={TWO.entry.id}) == digest
