"""People and lines are found by what the staff types."""

from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import messages, search_index
from beneficiate.errors import NotFound, Unavailable
from beneficiate.models.accounts import User
from beneficiate.models.base import database
from beneficiate.models.chats import CLOSED, Chat, Message
from beneficiate.protocol.commands import SendMessage
from beneficiate.queries import message_index, search
from beneficiate.queries.message_index import has_unindexed_messages
from beneficiate.queries.search import MESSAGES_PER_SEARCH_PAGE, SearchQuery, search_desk
from beneficiate.unit_of_work import UnitOfWork
from beneficiate.views.masking import mask_email, mask_number
from tests.factories import agent, beneficiary, direct_chat, member, supervisor, support_chat


@pytest.fixture
def say(act):
    def say_one(who, chat, text):
        return act(messages.send_messages, SendMessage(chat_id=chat.id, message=text), who.actor)[0]

    return say_one


@pytest.fixture
def index(act):
    def until_done():
        system = agent("Índice").actor
        while has_unindexed_messages(UnitOfWork(system, None)):
            act(search_index.index_messages, None, system)

    return until_done


def search_as(who, text, page=1):
    return search_desk(UnitOfWork(who.actor, datetime.now(UTC)), SearchQuery(text, page))


def names(who, text):
    return [found.first_name for found in search_as(who, text).members]


def shown(who, text):
    return ["".join(line.snippet) for line in search_as(who, text).lines]


def test_members_are_found_by_name_without_accents_and_with_typos(db):
    yuliana = agent("Yuliana", last_name="Gutiérrez")
    member("María José", last_name="Gutiérrez Peña")
    member("José", last_name="Núñez")
    member("Rosa", last_name="Maldonado")
    for text, found in {
        "maria": ["María José"],
        "MARIA JOSE": ["María José"],
        "jose": ["José", "María José"],
        "pena gutierrez": ["María José"],
        "gutieres": ["María José"],
        "maldonaldo": ["Rosa"],
        "nuñez jose": ["José"],
        "rosa nunez": [],
        "mar": ["María José"],
        "zzzz": [],
        "yuliana": [],
        "a": [],
        "": [],
        "%": [],
        "__": [],
        "' OR 1=1 --": [],
    }.items():
        assert names(yuliana, text) == found, text


def test_members_are_found_by_document_and_by_email(db):
    yuliana = agent()
    member("Ana", document_number="52123456", email="ana.rojas@correo.co")
    member("Beto", document_number="AB123", email="beto@correo.co")
    for text, found in {
        "52123456": ["Ana"],
        "CC 52.123.456": ["Ana"],
        "5212": ["Ana"],
        "ab123": ["Beto"],
        "ana.rojas@correo.co": ["Ana"],
        "Ana.R": ["Ana"],
        "beto@": ["Beto"],
        "2123456": [],
        "%@correo.co": [],
    }.items():
        assert names(yuliana, text) == found, text


def test_member_comes_with_their_newest_support_chat(db):
    ana, yuliana = member("Ana", last_name="Uribe"), agent()
    assert search_as(yuliana, "uribe").members[0].chat_id is None
    support_chat(ana, yuliana, status=CLOSED)
    newest = support_chat(ana, None)
    direct_chat(ana, yuliana)
    (found,) = search_as(yuliana, "uribe").members
    assert (found.id, found.chat_id, found.email) == (ana.id, newest.id, mask_email(ana.user.email))


def found_people(who, text):
    """Return the first name of each who was found, and of whose plan they are."""
    found = search_as(who, text).members
    return [(one.beneficiary.first_name, one.first_name) if one.beneficiary else (one.first_name, "") for one in found]


def test_beneficiaries_are_found_and_lead_to_the_chat_of_their_member(db):
    rosa, yuliana = member("Rosa", last_name="Peña"), agent()
    camila = beneficiary(rosa, "Camila", last_name="Núñez", document_number="1020304050")
    chat = support_chat(rosa, yuliana, status=CLOSED)
    for text in ("camila", "nunez", "camila nuñes", "1020304050", "TI 1.020.304.050", "10203"):
        (found,) = search_as(yuliana, text).members
        assert (found.id, found.first_name, found.chat_id) == (rosa.id, "Rosa", chat.id), text
        assert (found.beneficiary.id, found.beneficiary.first_name) == (camila.id, "Camila")
        assert found.beneficiary.document_number == mask_number("1020304050") != "1020304050"
    (found,) = search_as(yuliana, "peña").members
    assert (found.id, found.beneficiary) == (rosa.id, None)


def test_who_was_removed_and_the_family_of_the_staff_are_not_found(db):
    yuliana = agent("Yuliana")
    beneficiary(member("Ana"), "Camila", last_name="Rojas", removed_at=datetime.now(UTC))
    beneficiary(yuliana, "Camilo", last_name="Rojas")
    assert found_people(yuliana, "camil") == []


def test_people_come_in_the_order_of_the_names_that_were_found(db):
    yuliana, zoe = agent(), member("Zoé", last_name="Lara")
    for first_name in ("Beto", "Ágata"):
        beneficiary(zoe, first_name, last_name="Rojas")
    ana = member("Ana", last_name="Rojas")
    # Whoever is shown brings nobody along: it is the same panel.
    beneficiary(ana, "Benito", last_name="Rojas")
    assert found_people(yuliana, "rojas") == [("Ágata", "Zoé"), ("Ana", ""), ("Beto", "Zoé")]
    for number in range(search.MAX_MEMBERS_FOUND):
        beneficiary(member("Zulma", last_name="Lara"), f"Aa{number}", last_name="Rojas")
    assert len(found_people(yuliana, "rojas")) == search.MAX_MEMBERS_FOUND
    assert found_people(yuliana, "rojas")[0][0] == "Aa0"


def test_new_name_is_found_at_once(db):
    ana, yuliana = member("Ana"), agent()
    User.update(first_name="Xiomara").where(User.id == ana.id).execute()
    assert names(yuliana, "xiomara") == ["Xiomara"]
    assert names(yuliana, "xiomera") == ["Xiomara"]


def test_messages_are_found_by_the_beginnings_of_their_words(db, say, index):
    ana, yuliana = member("Ana"), agent()
    chat = support_chat(ana, yuliana)
    said = ["Necesito una CITA con cardiología.", "¿Mañana a las 3:30 p. m.?", "Sí: «autorización» enviada, señora"]
    for text in said:
        say(ana, chat, text)
    index()
    for text, found in {
        "cita": said[:1],
        "citas": [],
        "cardiologia necesito": said[:1],
        "cardiologi": said[:1],
        "manana": said[1:2],
        "MAÑANA": said[1:2],
        "3 30": said[1:2],
        "autorizacion": said[2:],
        "senor": said[2:],
        "una": said[:1],
        "ita": [],
        "cita mañana": [],
        "cita OR mañana": [],
        "NEAR(cita": [],
        '"cita" *': said[:1],
        "cita:*": said[:1],
        "cita & !una": said[:1],
        "!!!": [],
    }.items():
        assert shown(yuliana, text) == found, text


def test_found_message_has_its_position_and_the_matching_words(db, say, index):
    ana, yuliana = member("Ana"), agent()
    chat = support_chat(ana, yuliana)
    say(ana, chat, "Hola")
    line = say(yuliana, chat, "La cita, sí: la cítara no")
    index()
    (found,) = search_as(yuliana, "cita").lines
    assert (found.chat_id, found.seq, found.sender_type, found.member.id) == (chat.id, 2, "AGENT", ana.id)
    assert found.sent_at == line.sent_at
    assert found.snippet == ["La ", "cita", ", sí: la ", "cítara", " no"]


def test_found_messages_come_newest_first_in_pages(db, say, index):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    for number in range(MESSAGES_PER_SEARCH_PAGE + 5):
        say(ana, chat, f"cita {number}")
    index()
    first, second, third = (search_as(yuliana, "cita", page) for page in (1, 2, 3))
    assert [line.seq for line in first.lines] == [*range(MESSAGES_PER_SEARCH_PAGE + 5, 5, -1)]
    assert [line.seq for line in second.lines] == [5, 4, 3, 2, 1]
    assert [found.has_more for found in (first, second, third)] == [True, False, False]
    assert third.lines == []


def test_found_messages_are_in_the_order_of_time_where_ids_are_not(db, say, index):
    ana, beto, yuliana = member(), member(), agent()
    first, second = support_chat(ana, yuliana), support_chat(beto, yuliana)
    waited = say(ana, first, "cita que esperó")
    say(beto, second, "cita de antes")
    Message.update(sent_at=waited.sent_at - timedelta(seconds=1)).where(Message.chat == first.id).execute()
    say(beto, second, "cita de después")
    index()
    assert shown(yuliana, "cita") == ["cita de después", "cita de antes", "cita que esperó"]
    Message.update(sent_at=waited.sent_at + timedelta(minutes=1)).where(Message.chat == first.id).execute()
    assert shown(yuliana, "cita")[0] == "cita que esperó"


def test_only_messages_of_people_in_support_chats_are_found(db, say, index, act):
    yuliana, marta, ana = agent(), supervisor(), member()
    say(yuliana, direct_chat(yuliana, marta), "secreto entre colegas")
    chat = support_chat(ana, yuliana)
    say(ana, chat, "secreto de la afiliada")
    Message.create(chat=chat, seq=2, sender_type="SYSTEM", message="secreto del sistema", sent_at=datetime.now(UTC))
    index()
    assert not has_unindexed_messages(UnitOfWork(yuliana.actor, None))
    for who in (yuliana, marta, agent()):
        assert shown(who, "secreto") == ["secreto de la afiliada"]


def test_members_do_not_search(db):
    with pytest.raises(NotFound):
        search_as(member(), "ana")


def test_deleted_or_changed_messages_are_not_found(db, say, index):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    say(ana, chat, "mi número de cuenta")
    line = say(ana, chat, "mi número de documento")
    index()
    Message.update(message="(retirado)").where(Message.id == line.id).execute()
    assert shown(yuliana, "numero") == ["mi número de cuenta"]
    index()
    assert shown(yuliana, "retirado") == ["(retirado)"]
    Chat.delete().where(Chat.id == chat.id).execute()
    assert shown(yuliana, "numero") == shown(yuliana, "retirado") == []


def test_message_with_a_reused_id_is_found(db, say, index):
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    say(ana, chat, "primera")
    say(ana, chat, "segunda")
    index()
    Chat.delete().where(Chat.id == chat.id).execute()
    other = support_chat(ana, yuliana)
    say(ana, other, "tercera")
    index()
    assert shown(yuliana, "tercera") == ["tercera"]
    assert shown(yuliana, "primera") == []


def test_message_that_was_committed_late_is_found(db, say, index):
    """Another process may commit a lower id after a higher one was put into the index."""
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    for text in ("uno", "dos", "tres"):
        say(ana, chat, text)
    late = {name: getattr(Message.get(Message.seq == 2), name) for name in ("id", "message", "sent_at")}
    Message.delete().where(Message.seq == 2).execute()
    index()
    Message.insert(chat=chat, seq=2, sender_type="USER", sender_id=ana.id, **late).execute()
    index()
    assert shown(yuliana, "dos") == ["dos"]


@pytest.mark.parametrize(
    "text", ["a" * 3500, "🙂 " * 1000, "…", "ﷺ" * 900, "'\"\\ & | ! : * ( ) <->", "a\u0301rbol", "\u202eabc"]
)
def test_any_text_can_be_indexed(db, say, index, text):
    ana, yuliana = member(), agent()
    say(ana, support_chat(ana, yuliana), text)
    say(ana, Chat.get(), "final")
    index()
    assert shown(yuliana, "final") == ["final"]


def test_any_query_has_an_answer(db, say, index):
    ana, yuliana = member(), agent()
    say(ana, support_chat(ana, yuliana), "árbol")
    index()
    for text in ("a\u0301rbol", "ARBOL", "arb"):
        assert shown(yuliana, text) == ["árbol"]
    for text in (
        "a" * 5000,
        "🙂",
        "'",
        '"',
        "\\",
        "'' ''",
        "*",
        "a b c d e f g h i j k l m n",
        "AND",
        "NOT x",
        "ﷺ" * 300,
    ):
        search_as(yuliana, text)


def test_messages_beyond_the_newest_are_found_in_the_same_order(db, say, index, monkeypatch):
    monkeypatch.setattr(message_index, "MAX_COMPARED_IDS", 5)
    ana, yuliana = member(), agent()
    chat = support_chat(ana, yuliana)
    for number in range(MESSAGES_PER_SEARCH_PAGE + 5):
        say(ana, chat, f"cita {number}")
    say(ana, chat, "rareza")
    for _ in range(7):
        say(ana, chat, "gracias")
    index()
    pages = [[line.seq for line in search_as(yuliana, "cita", page).lines] for page in (1, 2)]
    assert pages == [[*range(MESSAGES_PER_SEARCH_PAGE + 5, 5, -1)], [5, 4, 3, 2, 1]]
    assert shown(yuliana, "rareza") == ["rareza"]
    assert len(shown(yuliana, "gracias")) == 7
    assert shown(yuliana, "ausente") == []


def test_search_that_takes_too_long_says_so(db, say, index, monkeypatch):
    ana, yuliana = member(), agent()
    say(ana, support_chat(ana, yuliana), "cita")
    index()
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    monkeypatch.setattr(search, "SEARCH_TIMEOUT_S", 0.02)
    monkeypatch.setattr(search, "_search_members", lambda text: database.execute_sql(endless))
    with pytest.raises(Unavailable, match="más palabras"):
        search_as(yuliana, "cita")
