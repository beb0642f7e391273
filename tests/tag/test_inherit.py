from aggregator.model.identifiers import EntryId, TopicId
from aggregator.model.topic import TopicMatch
from aggregator.tag.inherit import inherited, story_topics


def match(topic: str, score: float = 2, by: str = "entry") -> TopicMatch:
    return TopicMatch(topic=TopicId(topic), score=score, evidence=(), by=by)


def story(*topics: tuple[TopicMatch, ...], lead: int = 0) -> list[tuple[str, str]]:
    entries = [(EntryId(str(number)), matches) for number, matches in enumerate(topics)]
    return [(m.topic, m.by) for m in story_topics(entries, EntryId(str(lead)))]


def test_a_story_has_the_topics_of_its_lead():
    assert story((match("a"),), (), (), ()) == [("a", "entry")]


def test_a_story_has_what_a_third_of_its_entries_have():
    assert story((), (match("a"),), ()) == [("a", "story")]
    assert story((), (match("a"),), (), ()) == []
    assert story((), (match("a"),), (match("a"),), (), (), ()) == [("a", "story")]


def test_the_highest_score_speaks_for_the_story():
    entries = [
        (EntryId("0"), ()),
        (EntryId("1"), (match("a", 2),)),
        (EntryId("2"), (match("a", 5),)),
    ]
    assert [m.score for m in story_topics(entries, EntryId("0"))] == [5]


def test_inherited_topics_do_not_count_again():
    assert story((match("a", by="story"),), (match("a", by="story"),)) == []


def test_an_entry_keeps_its_own_topics_and_inherits_the_rest():
    own = (match("a"), match("old", by="story"))
    assert [(m.topic, m.by) for m in inherited(own, (match("a", 9), match("b")))] == [
        ("a", "entry"),
        ("b", "story"),
    ]
