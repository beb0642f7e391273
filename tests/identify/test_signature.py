from aggregator.identify.signature import continuity, signature
from tests.identify.build import document, item

PLANET = signature(
    document(
        item("a", "https://alice.example/1", "Python news", author="Alice"),
        item("b", "https://bob.example/1", "More news", author="Bob"),
        title="Planet",
    ),
    None,
)


def sign(url: str | None, title: str, author: str | None = None, of_feed: str | None = None) -> str:
    return signature(document(item("x", url, title, author=author), title=of_feed), None)


def test_a_feed_that_changes_in_everything_is_another_publisher():
    spam = sign("https://shoes.example/9", "靴の安売り", "Shoes", "Shop")
    assert not continuity(PLANET, spam)


def test_a_feed_that_keeps_anything_is_the_same_publisher():
    assert continuity(PLANET, sign("https://alice.example/2", "靴", "X", "Y"))
    assert continuity(PLANET, sign("https://new.example/1", "English title", "X", "Y"))
    assert continuity(PLANET, sign("https://new.example/1", "靴", "Alice", "Y"))
    assert continuity(PLANET, sign("https://new.example/1", "靴", "X", "PLANET"))


def test_nothing_is_suspected_without_links_or_history():
    assert continuity(None, PLANET)
    assert continuity(PLANET, "")
    assert continuity(PLANET, sign(None, "靴", "X", "Y"))


def test_a_document_without_new_entries_keeps_the_signature():
    assert signature(document(), PLANET) == PLANET
    assert signature(document(), None) == ""


def test_a_text_without_letters_speaks_no_language():
    assert '"languages": []' in sign("https://a.example/1", "123")
