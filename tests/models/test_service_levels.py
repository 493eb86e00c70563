"""A service level has one version of each number for a topic, and outlives who saved it."""

import pytest
from peewee import IntegrityError

from beneficiate.models.base import database
from beneficiate.models.chats import Chat
from beneficiate.models.service_levels import ServiceLevel
from tests.actions.queue_steps import create_topic, promise
from tests.factories import member, supervisor, support_chat
from tests.models.constraints import delete_row, reload

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def db(rolled_back_db):
    return rolled_back_db


def test_versions_of_a_topic_and_of_all_others_are_counted_by_themselves():
    topic = create_topic("pagos")
    for owner in (None, topic):
        promise(owner)
        promise(owner, version=2)
        with pytest.raises(IntegrityError), database.atomic():
            promise(owner, version=2)


def test_what_was_promised_outlives_who_saved_it_and_chats_outlive_it():
    marta = supervisor()
    level = promise(saved_by=marta.id)
    chat = support_chat(member(), None, service_level=level)
    delete_row(marta.user)
    assert reload(level).saved_by_id is None
    ServiceLevel.delete().execute()
    assert Chat.get_by_id(chat.id).service_level_id is None
