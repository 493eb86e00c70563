"""Supervisors write canned replies, agents use them, each change is audited."""

import json

import pytest

from beneficiate.actions import canned_replies
from beneficiate.actions.canned_replies import DeactivateCannedReply, SaveCannedReply
from beneficiate.domain.administration import INVISIBLE_SIGN
from beneficiate.errors import Conflict, Forbidden, InvalidForm, NotFound, OutdatedForm
from beneficiate.models.audit import AuditEntry
from beneficiate.models.call_centre import CannedReply
from beneficiate.protocol.desk_tools import RecordCannedReplyUse
from tests.factories import agent, member, supervisor

SHORTCUT_FORMAT = "Use de 1 a 32 letras minúsculas sin tilde, números o guiones."


def write(act, who, shortcut="saludo", title="Saludo", text="Hola", reply_id=None, **more):
    """Save a reply, by default in the version that it has."""
    row = CannedReply.get_or_none(CannedReply.id == reply_id)
    more = {"version": row.version if row else None, **more}
    return act(canned_replies.save_canned_reply, SaveCannedReply(shortcut, title, text, reply_id, **more), who.actor)[0]


def test_reply_is_made_changed_and_taken_away_and_all_is_audited(act, db):
    marta = supervisor()
    made = write(act, marta)
    changed = write(act, marta, "hola", "Saludo ", "Hola, {{member.first_name}}", made.id)
    gone, outgoing = act(canned_replies.deactivate_canned_reply, DeactivateCannedReply(made.id), marta.actor)
    assert (made.shortcut, made.uses, made.is_active) == ("saludo", 0, True)
    assert (changed.id, changed.shortcut, changed.title) == (made.id, "hola", "Saludo")
    assert (gone.is_active, outgoing) == (False, [])
    entries = list(AuditEntry.select().order_by(AuditEntry.id))
    assert [entry.what for entry in entries] == ["canned.write", "canned.write", "canned.deactivate"]
    assert {(entry.actor_id, entry.subject) for entry in entries} == {(marta.id, f"canned_reply:{made.id}")}
    assert json.loads(entries[1].before) == {"shortcut": "saludo", "text": "Hola"}
    assert json.loads(entries[1].after) == {"shortcut": "hola", "text": "Hola, {{member.first_name}}"}
    act(canned_replies.deactivate_canned_reply, DeactivateCannedReply(made.id), marta.actor)
    assert AuditEntry.select().count() == 3


def test_reply_that_was_taken_away_comes_back_when_it_is_written_as_active(act, db):
    marta = supervisor()
    made = write(act, marta)
    assert not write(act, marta, reply_id=made.id, is_active=False).is_active
    assert write(act, marta, reply_id=made.id).is_active


@pytest.mark.parametrize("version", [None, 1])
def test_change_of_another_version_says_what_differs_and_changes_nothing(act, db, version):
    marta = supervisor()
    made = write(act, marta)
    write(act, marta, title="Bienvenida", text="Buenos días", reply_id=made.id)
    with pytest.raises(OutdatedForm) as refused:
        write(act, marta, text="Buenas", reply_id=made.id, version=version)
    changes = {
        "title": {"saved": "Bienvenida", "sent": "Saludo"},
        "text": {"saved": "Buenos días", "sent": "Buenas"},
    }
    assert refused.value.details == {"version": 2, "changes": changes}
    assert CannedReply.get().text == "Buenos días"
    # The same change sent twice is saved.
    assert write(act, marta, title="Bienvenida", text="Buenos días", reply_id=made.id, version=1).version == 2


def test_only_supervisors_write(act, db):
    made = write(act, supervisor())
    for who in (agent(), member()):
        for order in (
            lambda who=who: write(act, who, "otra"),
            lambda who=who: write(act, who, "otra", reply_id=made.id),
        ):
            with pytest.raises(Forbidden):
                order()
        with pytest.raises(Forbidden):
            act(canned_replies.deactivate_canned_reply, DeactivateCannedReply(made.id), who.actor)
    assert [row.shortcut for row in CannedReply] == ["saludo"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"shortcut": ""}, SHORTCUT_FORMAT),
        ({"shortcut": "Saludo"}, SHORTCUT_FORMAT),
        ({"shortcut": "salúdo"}, SHORTCUT_FORMAT),
        ({"shortcut": "dos palabras"}, SHORTCUT_FORMAT),
        ({"shortcut": "saludo\n"}, SHORTCUT_FORMAT),
        ({"shortcut": "a" * 33}, SHORTCUT_FORMAT),
        ({"shortcut": "١"}, SHORTCUT_FORMAT),
        ({"title": ""}, "Escriba el título."),
        ({"title": " \u200b"}, INVISIBLE_SIGN),
        ({"title": "a" * 81}, "Use 80 letras o menos."),
        ({"title": "Salu\u202edo"}, INVISIBLE_SIGN),
        ({"text": ""}, "Escriba el texto."),
        ({"text": "\n "}, "Escriba el texto."),
        ({"text": "\u200b"}, INVISIBLE_SIGN),
        ({"text": "a" * 4001}, "Use 4.000 letras o menos."),
    ],
)
def test_each_invalid_field_has_its_sentence(act, db, wrong, sentence):
    with pytest.raises(InvalidForm) as refusal:
        write(act, supervisor(), **wrong)
    assert refusal.value.fields == dict.fromkeys(wrong, sentence)
    assert not CannedReply.select().exists()


def test_shortcut_is_one_replys_also_when_that_one_is_not_used_any_more(act, db):
    marta = supervisor()
    made, other = write(act, marta), write(act, marta, "otra")
    act(canned_replies.deactivate_canned_reply, DeactivateCannedReply(made.id), marta.actor)
    for reply_id in (None, other.id):
        with pytest.raises(Conflict):
            write(act, marta, "saludo", reply_id=reply_id)
    assert write(act, marta, "saludo", "Otro título", reply_id=made.id).title == "Otro título"


def test_what_is_not_there_is_not_found(act, db):
    marta = supervisor()
    with pytest.raises(NotFound):
        write(act, marta, reply_id=999_999)
    with pytest.raises(NotFound):
        act(canned_replies.deactivate_canned_reply, DeactivateCannedReply(99), marta.actor)


def test_uses_are_counted_while_a_reply_is_used(act, db):
    marta, yuliana = supervisor(), agent()
    made = write(act, marta)
    for who in (yuliana, yuliana, marta):
        act(canned_replies.count_canned_reply_use, RecordCannedReplyUse(reply_id=made.id), who.actor)
    assert CannedReply.get_by_id(made.id).uses == 3
    act(canned_replies.deactivate_canned_reply, DeactivateCannedReply(made.id), marta.actor)
    for reply_id in (made.id, 999_999):
        with pytest.raises(NotFound):
            act(canned_replies.count_canned_reply_use, RecordCannedReplyUse(reply_id=reply_id), yuliana.actor)
    assert CannedReply.get_by_id(made.id).uses == 3


def test_form_of_an_older_version_is_refused_and_the_api_shows_none(act, db):
    marta = supervisor()
    made = write(act, marta, version=0)
    write(act, marta, title="Bienvenida", reply_id=made.id)
    with pytest.raises(OutdatedForm):
        write(act, marta, title="Otra", reply_id=made.id, version=1)
    write(act, marta, title="Otra", reply_id=made.id, version=2)
    act(canned_replies.deactivate_canned_reply, DeactivateCannedReply(made.id), marta.actor)
    row = CannedReply.get_by_id(made.id)
    assert (row.title, row.version) == ("Otra", 4)
