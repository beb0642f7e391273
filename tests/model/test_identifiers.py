import uuid

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.identifiers import EntryId, story_id

_STORIES = uuid.UUID("5f1f8d2c-6c0e-5d39-9a55-6d0d6f7a3b10")


@given(st.text(st.characters(codec="utf-8")))
def test_the_id_of_a_story_is_the_named_uuid_of_its_first_entry(first: str):
    assert story_id(EntryId(first)) == str(uuid.uuid5(_STORIES, first))
