"""Who is online, for members and for the staff."""

from beneficiate.models.accounts import User
from beneficiate.queries.presence import find_chat_partners, list_online_for_actors
from tests.factories import agent, direct_chat, member, supervisor, support_chat


def test_members_see_only_their_partners_and_no_email(db):
    ana, beto, dora, yuliana, marta = member(), member(), member(), agent(), supervisor()
    support_chat(ana, yuliana)
    support_chat(dora, yuliana, status="CLOSED")
    direct_chat(ana, beto)
    User.update(online_status=True).execute()
    found = list_online_for_actors([who.actor for who in (ana, beto, dora, yuliana, marta)])
    seen = {user_id: {person.id for person in people} for user_id, people in found.items()}
    everybody = {ana.id, beto.id, dora.id, yuliana.id, marta.id}
    assert seen == {
        ana.id: {yuliana.id, beto.id},
        beto.id: {ana.id},
        dora.id: set(),
        yuliana.id: everybody - {yuliana.id},
        marta.id: everybody - {marta.id},
    }
    assert {person.email for person in found[ana.id] + found[beto.id]} == {None}


def test_partners_are_those_of_open_chats(db):
    ana, dora, yuliana, marta = member(), member(), agent(), supervisor()
    support_chat(ana, yuliana)
    support_chat(dora, yuliana, status="CLOSED")
    direct_chat(yuliana, marta)
    assert find_chat_partners([yuliana.id]) == {yuliana.id: {ana.id}}
    assert find_chat_partners([yuliana.id], with_staff=True) == {yuliana.id: {ana.id, marta.id}}
