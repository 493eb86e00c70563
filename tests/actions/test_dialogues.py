"""The booking dialogue over the database: one reply per answer, a stored draft, and the bookings it makes."""

from dataclasses import replace

import msgspec
import pytest
from structlog.testing import capture_logs

from beneficiate.actions import dialogues
from beneficiate.domain.booking.lifecycle import CANCELLED, CONFIRMED, PENDING, RESCHEDULED, TO_BE_CONFIRMED
from beneficiate.domain.booking.presentation import NO_REASON
from beneficiate.domain.booking.rules import DEFAULT_RULES
from beneficiate.domain.bot.drafts import BookingDraft, Choice
from beneficiate.domain.bot.sentences import ASK_DESCRIPTION
from beneficiate.domain.facts import BOOKED, BOOKING
from beneficiate.errors import Internal, Invalid
from beneficiate.limits import Quotas
from beneficiate.models.accounts import Beneficiary
from beneficiate.models.appointments import Appointment, Hold
from beneficiate.models.audit import AuditEntry
from beneficiate.models.chats import WAITING, Chat, Message
from beneficiate.models.consents import Consent
from beneficiate.models.dialogues import Dialogue
from beneficiate.models.facts import Fact
from beneficiate.models.payments import Subscription
from beneficiate.models.professionals import MANUAL_SCHEDULE, AvailabilityException, Professional
from beneficiate.protocol import channels
from beneficiate.protocol.booking import AnswerBot, AppointmentChanged, AppointmentRequested, BotReplied, StartBooking
from beneficiate.protocol.events import MemberMessageSent, NewChat
from beneficiate.queries.consents import CHAT_TEXT_VERSION, HEALTH_DATA
from beneficiate.settings import Settings
from tests.actions.appointment_steps import HOUR, MINUTE, NOW, book_appointment, history_of, taken_ticks, ticks_of
from tests.domain.booking.moments import at
from tests.factories import Person, add_plan, agent, beneficiary, member, member_with_plan, professional, specialty
from tests.unit_of_work import UNLIMITED

TEN = at("2026-11-23 10:00")
LATER_MONDAYS = ("06-21", "06-28", "07-12", "07-19", "07-26", "08-02", "08-09")
DESCRIPTION = "Me duele la rodilla"


class MemberDialogue:
    """A dialogue of a member with the bot."""

    def __init__(self, act, who):
        self.act, self.who, self.now = act, who, NOW
        self.also = []
        self.last = None

    def start(self, professional_id=None):
        return self._run(dialogues.start_booking, StartBooking(professionalId=professional_id))

    def say(self, text, **more):
        return self._run(dialogues.handle_bot_answer, AnswerBot(text=text, **more))

    def press(self, label):
        """Press the button with this label (or prefix of it) of the last question."""
        choice = next(one for one in self.last.choices if one.label.startswith(label))
        return self._run(dialogues.handle_bot_answer, AnswerBot(option=choice.id))

    def _run(self, action, command):
        result, outgoing = self.act(action, command, self.who.actor, self.now)
        assert result is None
        replies = [one for one in outgoing if isinstance(one.event, BotReplied)]
        self.also = [one for one in outgoing if one not in replies]
        assert [one.channels for one in replies] == [(channels.user_channel(self.who.id),)]
        self.last = replies[0].event
        assert self.last.sender_type == "BOT"
        return self.last.message

    def to_description(self, document=None):
        self.start()
        self.say(document or self.who.user.document_number)
        self.press("En ")
        self.say("cardio")
        self.press("Cardiología")
        self.press("Primera vez")
        return self.say(DESCRIPTION)

    def to_summary(self, slot=None, document=None):
        self.to_description(document)
        return self.press(slot) if slot else self.last.message

    @property
    def draft(self):
        return msgspec.json.decode(Dialogue.get(Dialogue.user == self.who.id).draft, type=BookingDraft)

    @property
    def options(self):
        return [] if self.last.options is msgspec.UNSET else self.last.options


@pytest.fixture
def ana(db):
    return member_with_plan()


@pytest.fixture
def dialogue(act, ana):
    return MemberDialogue(act, ana)


def test_who_gives_a_reason_consents_to_what_they_were_told_and_who_does_not_decides_nothing(act, dialogue, ana):
    dialogue.who = Person(ana.user, replace(ana.actor, address="203.0.113.7"))
    dialogue.to_description()
    assert ASK_DESCRIPTION not in dialogue.last.message
    dialogue.say("atrás")
    assert dialogue.last.message == ASK_DESCRIPTION
    dialogue.say("Otro motivo")
    rows = Consent.select(Consent.user, Consent.kind, Consent.version, Consent.address, Consent.withdrawn_at)
    assert list(rows.tuples()) == [(ana.id, HEALTH_DATA, CHAT_TEXT_VERSION, "203.0.113.7", None)]
    assert AuditEntry.select().where(AuditEntry.what == "consents.grant", AuditEntry.person_id == ana.id).count() == 1
    other = MemberDialogue(act, member_with_plan("Beto"))
    other.to_description()
    other.say("atrás")
    Consent.delete().where(Consent.user == other.who.id).execute()
    other.press("Prefiero no decirlo")
    assert not Consent.select().where(Consent.user == other.who.id).exists()
    other.press("Sí")
    assert Appointment.get(Appointment.user == other.who.id).notes == NO_REASON


def test_request_without_a_time_is_registered_for_the_agents(dialogue, ana):
    assert dialogue.to_summary().startswith("Resumen")
    assert dialogue.options == ["Sí", "No"]
    assert Appointment.select().count() == 0
    outgoing = dialogue.press("Sí")
    appointment = Appointment.get()
    assert "registrada exitosamente" in outgoing
    assert appointment.ticket_number in outgoing
    assert (appointment.status, appointment.notes, appointment.first_time) == (PENDING, DESCRIPTION, True)
    assert history_of(appointment) == [("", PENDING, ana.id, "member", "")]
    assert [(type(one.event), one.channels) for one in dialogue.also] == [
        (AppointmentRequested, (channels.user_channel(ana.id),)),
        (AppointmentRequested, (channels.AGENTS_CHANNEL, channels.SUPERVISORS_CHANNEL)),
    ]


@pytest.mark.parametrize(("confirms_itself", "status"), [(True, CONFIRMED), (False, TO_BE_CONFIRMED)])
def test_time_is_kept_when_chosen_and_taken_when_confirmed(dialogue, ana, confirms_itself, status):
    german = professional(confirms_itself=confirms_itself)
    dialogue.to_description()
    assert dialogue.options[3:] == ["Más horarios", "Otro día", "Que me contacten"]
    assert dialogue.options[-1] == "Que me contacten"
    dialogue.press("lun 23")
    assert taken_ticks() == ticks_of(f"p:{german.id}", TEN, 30)
    assert Hold.get().expires_at == NOW + 10 * MINUTE
    outgoing = dialogue.press("Sí")
    assert ("confirmada" if confirms_itself else "registrada exitosamente") in outgoing
    assert f"Lugar: {german.address}" in outgoing
    appointment = Appointment.get()
    assert (appointment.status, appointment.starts_at, appointment.professional_id) == (status, TEN, german.id)
    assert taken_ticks() == ticks_of(f"p:{german.id}", TEN, 30) | ticks_of(f"u:{ana.id}", TEN, 30)
    assert not Hold.select().exists()


def test_to_be_contacted_keeps_nothing(dialogue):
    professional()
    dialogue.to_summary("Que me contacten")
    assert taken_ticks() == set()
    dialogue.press("Sí")
    assert Appointment.get().status == PENDING


def test_going_back_gives_the_time_up_and_offers_it_again(dialogue):
    german = professional()
    dialogue.to_description()
    offered = dialogue.options
    dialogue.press("lun 23")
    dialogue.say("volver")
    assert dialogue.options == offered
    assert taken_ticks() == set()
    dialogue.press("lun 23")
    assert taken_ticks() == ticks_of(f"p:{german.id}", TEN, 30)


def test_only_time_that_there_is_is_still_there_after_going_back(dialogue, ana):
    professional(hours=((0, 10 * 60, 10 * 60 + 30),))
    dialogue.now = at("2027-06-14 08:00")
    Subscription.update(ends_at=at("2027-12-31 08:00")).execute()
    AvailabilityException.insert_many(
        [{"professional": Professional.get().id, "day": at(f"2027-{day} 12:00").date()} for day in LATER_MONDAYS]
    ).execute()
    dialogue.to_description()
    assert len(dialogue.options) == 2
    dialogue.press("lun 14 de junio")
    dialogue.say("volver")
    assert dialogue.options[0].startswith("lun 14 de junio")


def test_time_that_somebody_took_meanwhile_is_not_confirmed_and_others_are_offered(dialogue, act):
    german = professional()
    dialogue.to_description()
    beto = member_with_plan("Beto")
    book_appointment(act, beto, beto, german, TEN)
    assert "se acaba de ocupar" in dialogue.press("lun 23 de noviembre, 10:00")
    assert not any("10:00" in option for option in dialogue.options)
    assert dialogue.draft.description == DESCRIPTION
    assert not Hold.select().exists()
    dialogue.press("lun 23 de noviembre, 10:30")
    dialogue.press("Sí")
    assert Appointment.select().count() == 2


def test_expired_hold_taken_by_another_is_refused_at_confirmation(dialogue, act):
    german = professional()
    dialogue.to_summary("lun 23 de noviembre, 10:00")
    dialogue.now = NOW + 11 * MINUTE
    book_appointment(act, agent(), member_with_plan("Beto"), german, TEN, now=dialogue.now)
    assert "se acaba de ocupar" in dialogue.press("Sí")
    assert Appointment.select().count() == 1
    assert dialogue.last.state == "awaiting_slot_selection"


def test_past_slot_is_not_confirmed_and_dialogue_continues(dialogue):
    professional()
    dialogue.to_summary("lun 23 de noviembre, 10:00")
    dialogue.now = TEN + HOUR
    dialogue.press("Sí")
    assert dialogue.last.state == "awaiting_slot_selection"
    assert dialogue.options
    dialogue.press(dialogue.options[0])
    dialogue.press("Sí")
    assert Appointment.get().starts_at > TEN + HOUR


def test_button_with_a_time_that_is_over_keeps_nothing(dialogue):
    professional()
    dialogue.to_description()
    dialogue.now = TEN + MINUTE
    dialogue.press("lun 23 de noviembre, 10:00")
    assert dialogue.last.state == "awaiting_slot_selection"
    assert (taken_ticks(), Hold.select().count()) == (set(), 0)


def test_time_that_was_kept_can_be_confirmed_within_the_notice(dialogue):
    professional()
    dialogue.to_summary("lun 23 de noviembre, 10:00")
    dialogue.now = NOW + 9 * MINUTE
    assert "registrada exitosamente" in dialogue.press("Sí")


def test_busy_patient_gets_a_reply_of_their_own(dialogue, act, ana):
    professional()
    dialogue.to_description()
    book_appointment(
        act,
        ana,
        ana,
        professional("Laura", specialties=("Dermatología",)),
        TEN,
        specialty_id=specialty("Dermatología").id,
    )
    dialogue.press("lun 23 de noviembre, 10:00")
    assert "ya tiene otra cita a esa hora" in dialogue.press("Sí")
    assert dialogue.last.state == "awaiting_slot_selection"
    assert Appointment.select().count() == 1


def test_removed_beneficiary_is_asked_for_again_and_answers_stay(dialogue, ana):
    mateo = beneficiary(ana)
    dialogue.to_summary(document=mateo.document_number)
    Beneficiary.update(removed_at=NOW).execute()
    assert "ya no está entre sus beneficiarios" in dialogue.press("Sí")
    assert Appointment.select().count() == 0
    assert dialogue.say(ana.user.document_number).find("Resumen") >= 0
    dialogue.press("Sí")
    assert Appointment.get().beneficiary_id is None


def test_plan_that_ended_meanwhile_is_needed_again_and_nothing_is_lost(dialogue, ana):
    dialogue.to_summary()
    Subscription.update(ends_at=NOW).execute()
    dialogue.press("Sí")
    assert dialogue.last.redirectUrl == "/planes"
    assert Appointment.select().count() == 0
    add_plan(ana)
    dialogue.start()
    assert "Retomemos" in dialogue.last.message
    dialogue.press("Sí")
    assert Appointment.select().count() == 1


def test_who_has_no_plan_is_sent_to_the_plans(act, db):
    dialogue = MemberDialogue(act, member())
    for text in ("hola", dialogue.who.user.document_number, "ayuda"):
        assert "/planes" in dialogue.say(text)
        assert dialogue.last.redirectUrl == "/planes"


def test_professional_who_left_meanwhile_is_not_booked(dialogue):
    professional(confirms_itself=True)
    dialogue.to_summary("lun 23")
    Professional.update(is_active=False).execute()
    dialogue.press("Sí")
    assert Appointment.select().count() == 0
    assert dialogue.last.state == "confirmation"
    dialogue.press("Sí")
    assert Appointment.get().professional_id is None


def test_another_persons_document_gets_the_answer_of_an_unknown_one(dialogue, db):
    beto = member_with_plan("Beto")
    documents = (beto.user.document_number, beneficiary(beto).document_number, "999888777")
    texts = []
    for document in documents:
        dialogue.say("cancelar")
        dialogue.start()
        texts.append((dialogue.say(document), dialogue.say(document)))
    assert len({text for pair in texts for text in pair}) == 1
    assert "Beto" not in texts[0][0]


def test_removed_beneficiarys_document_is_unknown(dialogue, ana):
    dialogue.start()
    unknown = dialogue.say("999888777")
    assert dialogue.say(beneficiary(ana, removed_at=NOW).document_number) == unknown


def test_confirming_twice_books_once(dialogue):
    dialogue.to_summary()
    yes = next(one.id for one in dialogue.last.choices if one.label == "Sí")
    dialogue.press("Sí")
    ticket = Appointment.get().ticket_number
    for answer in (AnswerBot(option=yes), AnswerBot(text="sí"), AnswerBot(option=yes)):
        dialogue._run(dialogues.handle_bot_answer, answer)
        assert ticket in dialogue.last.message
        assert dialogue.also == []
    assert Appointment.select().count() == 1


@pytest.mark.parametrize("rules", [UNLIMITED], ids=[""])
def test_after_one_booking_comes_another(dialogue):
    dialogue.to_summary()
    dialogue.press("Sí")
    dialogue.press("Pedir otra cita")
    assert dialogue.last.state == "awaiting_document"
    dialogue.to_summary()
    dialogue.press("Sí")
    assert Appointment.select().count() == 2


def test_limit_is_named_and_a_person_offered(dialogue):
    dialogue.to_summary()
    dialogue.press("Sí")
    dialogue.press("Pedir otra cita")
    dialogue.to_summary()
    dialogue.press("Sí")
    assert "ya tiene una cita abierta de esa especialidad" in dialogue.last.message
    assert Appointment.select().count() == 1
    dialogue.say("continuar")
    assert dialogue.last.state == "confirmation"


def test_whoever_asks_for_a_person_waits_in_a_chat_and_keeps_the_draft(dialogue, ana):
    dialogue.to_description()
    before = dialogue.draft
    dialogue.say("agente")
    chat = Chat.get(Chat.user == ana.id)
    assert chat.status == WAITING
    assert NewChat in [type(one.event) for one in dialogue.also]
    assert dialogue.draft.description == before.description
    assert (dialogue.last.state, "Con gusto" in dialogue.last.message) == ("with_person", True)
    # Asked again it is the same chat, and no message of it.
    dialogue.say("agente")
    assert (Chat.select().count(), Message.select().count()) == (1, 0)
    assert dialogue.last.state == "with_person"


def test_what_is_said_after_asking_for_a_person_is_theirs(dialogue, ana):
    dialogue.to_description()
    before = dialogue.draft
    dialogue.say("agente")
    chat = Chat.get(Chat.user == ana.id)
    assert "Su mensaje quedó en el chat" in dialogue.say("¿Hola? ¿Hay alguien?")
    assert [(one.sender_type, one.message) for one in Message.select()] == [("USER", "¿Hola? ¿Hay alguien?")]
    assert [type(one.event) for one in dialogue.also] == [MemberMessageSent]
    assert (dialogue.last.state, dialogue.options, dialogue.draft) == ("with_person", [], before)
    dialogue.start()
    assert dialogue.last.state == "with_person"
    with pytest.raises(Invalid):
        dialogue.say("a" * 4001)
    assert Message.select().count() == 1
    # The bot goes on where it was once the chat is over.
    Chat.update(status="CLOSED", bot_muted=False).where(Chat.id == chat.id).execute()
    dialogue.start()
    assert "Resumen" in dialogue.last.message


def test_words_of_an_emergency_come_first(dialogue, ana):
    dialogue.start()
    dialogue.say(ana.user.document_number)
    dialogue.press("En ")
    dialogue.say("cardio")
    dialogue.press("Cardiología")
    dialogue.press("Control")
    assert "Si es una urgencia, llame al 123" in dialogue.say("Tengo un dolor en el pecho muy fuerte")
    dialogue.press("Hablar con una persona")
    assert Chat.get(Chat.user == ana.id).status == WAITING


def test_reason_with_words_of_an_emergency_is_consented_to_once_it_is_kept(dialogue, ana):
    dialogue.to_description()
    dialogue.say("atrás")
    Consent.delete().where(Consent.user == ana.id).execute()
    dialogue.say("Tengo un dolor en el pecho muy fuerte")
    consents = Consent.select(Consent.version).where(Consent.user == ana.id, Consent.kind == HEALTH_DATA).tuples()
    assert list(consents) == []
    dialogue.say("continuar")
    assert list(consents.clone()) == [(CHAT_TEXT_VERSION,)]


def test_consent_of_a_turn_that_fails_is_not_recorded(dialogue, ana, monkeypatch):
    dialogue.to_description()
    dialogue.say("atrás")
    Consent.delete().where(Consent.user == ana.id).execute()
    entries = AuditEntry.select().where(AuditEntry.what == "consents.grant", AuditEntry.person_id == ana.id)
    before = entries.count()

    def fail(*_given):
        raise KeyError

    monkeypatch.setattr(dialogues, "_apply_turn", fail)
    with capture_logs():
        assert dialogue.say("Otro motivo") == Internal.sentence
    assert not Consent.select().where(Consent.user == ana.id).exists()
    assert entries.count() == before


def test_professional_who_was_chosen_before_preselects_specialty_and_city(dialogue, ana):
    german = professional(specialties=("Dermatología",))
    assert german.name in dialogue.start(german.id)
    dialogue.say(ana.user.document_number)
    assert dialogue.last.state == "awaiting_visit_type"
    dialogue.press("Control")
    dialogue.say(DESCRIPTION)
    dialogue.press("lun 23")
    dialogue.press("Sí")
    appointment = Appointment.get()
    assert (appointment.professional_id, appointment.specialty_id, appointment.first_time) == (
        german.id,
        specialty("Dermatología").id,
        False,
    )


def test_manual_professional_is_asked_for_without_a_time(dialogue, ana):
    german = professional(schedule_type=MANUAL_SCHEDULE)
    dialogue.start(german.id)
    dialogue.say(ana.user.document_number)
    dialogue.press("Control")
    assert dialogue.say(DESCRIPTION).startswith("Resumen")
    dialogue.press("Sí")
    assert (Appointment.get().professional_id, Appointment.get().status) == (german.id, PENDING)


def test_old_client_starts_with_the_first_answer(dialogue, ana):
    assert "La cita es para Ana" in dialogue.say(ana.user.document_number)
    assert dialogue.last.state == "awaiting_city_selection"


def test_starting_again_asks_the_open_question_again(dialogue):
    dialogue.to_description()
    before = dialogue.draft
    for _ in range(2):
        assert "Retomemos su solicitud donde la dejó: la confirmación" in dialogue.start()
        assert dialogue.options == ["Sí", "No"]
    assert dialogue.draft == before
    assert "Retomemos" in dialogue.say("", is_start=True)


def test_each_member_has_a_draft_of_their_own(dialogue, act, db):
    beto = MemberDialogue(act, member_with_plan("Beto"))
    dialogue.to_description()
    beto.start()
    assert (dialogue.draft.state, beto.draft.state) == ("confirmation", "awaiting_document")


def test_internal_failure_is_reported_and_keeps_the_draft(dialogue, ana):
    """A city id that is not a number: only a damaged row has one."""
    dialogue.start()
    dialogue.say(ana.user.document_number)
    spoilt = msgspec.structs.replace(dialogue.draft, choices=(Choice("7:city:once", "En Once"),))
    text = msgspec.json.encode(spoilt).decode()
    Dialogue.update(draft=text).execute()
    with capture_logs() as logged:
        for _ in range(2):
            dialogue._run(dialogues.handle_bot_answer, AnswerBot(option="7:city:once"))
            assert dialogue.last.message == Internal.sentence
            assert dialogue.last.options == ["En Once"]
            assert dialogue.draft == spoilt
    assert [one["event"] for one in logged] == ["dialogue_failed"]
    assert "Santiago de Cali" in dialogue.say("cali")


def test_failure_leaves_nothing_half_written(dialogue, act):
    """The professional's row is gone: holding the slot fails after the earlier hold was released."""
    professional()
    dialogue.to_description()
    slot = msgspec.structs.replace(dialogue.draft.slots[0], professional_id=2_000_000_000)
    draft = msgspec.structs.replace(dialogue.draft, slots=(slot,))
    Dialogue.update(draft=msgspec.json.encode(draft).decode()).execute()
    before = dialogue.draft
    with capture_logs() as logged:
        assert dialogue.press("lun 23") == Internal.sentence
    assert [one["event"] for one in logged] == ["dialogue_failed"]
    assert (dialogue.draft, taken_ticks(), Hold.select().count()) == (before, set(), 0)


def test_unreadable_draft_is_reported_and_kept(dialogue, ana):
    Dialogue.create(user=ana.id, draft='{"state":"awaiting_horoscope"}', updated_at=NOW)
    with capture_logs():
        assert dialogue.say("hola") == Internal.sentence
    assert Dialogue.get().draft == '{"state":"awaiting_horoscope"}'


# Moving an appointment

WEDNESDAY = at("2026-11-25 08:00")


@pytest.fixture
def german(db):
    return professional(confirms_itself=True)


@pytest.fixture
def booked(act, ana, german):
    """Return a confirmed appointment of Ana on Wednesday."""
    return book_appointment(act, ana, ana, german, WEDNESDAY)


def test_appointment_is_moved_by_the_bot_and_keeps_its_number(dialogue, ana, booked):
    assert "mover la cita de Cardiología para Ana: mié 25 de noviembre" in dialogue.say("mover mi cita")
    dialogue.press("lun 23")
    assert Hold.get().user_id == ana.id
    assert dialogue.last.state == "move_confirmation"
    said = dialogue.press("Sí")
    assert "quedó para el lun 23 de noviembre, 10:00 a. m., con Germán" in said
    assert f"Su número sigue siendo {booked.ticket_number}" in said
    row = Appointment.get()
    assert (row.starts_at, row.status, row.version, row.ticket_number) == (TEN, RESCHEDULED, 1, booked.ticket_number)
    assert history_of(row)[-1] == (CONFIRMED, RESCHEDULED, ana.id, "member", "")
    assert taken_ticks() == ticks_of(f"p:{row.professional_id}", TEN, 30) | ticks_of(f"u:{ana.id}", TEN, 30)
    assert Hold.select().count() == 0
    assert {type(one.event) for one in dialogue.also} == {AppointmentChanged}
    assert dialogue.last.state == "completed"


def test_move_to_a_professional_who_confirms_by_hand_is_said_before_and_after(dialogue, german, booked):
    dialogue.say("mover mi cita")
    assert "confirma cada cita" not in dialogue.press("lun 23")
    dialogue.press("No")
    Professional.update(confirms_itself=False).where(Professional.id == german.id).execute()
    dialogue.say("mover mi cita")
    assert "Este profesional confirma cada cita" in dialogue.press("lun 23")
    assert "Le avisaremos cuando el profesional la confirme" in dialogue.press("Sí")
    assert Appointment.get().status == TO_BE_CONFIRMED


def test_time_that_was_taken_meanwhile_is_refused_and_others_are_shown(act, dialogue, german, booked):
    dialogue.say("mover mi cita")
    dialogue.press("lun 23")
    dialogue.now = NOW + 11 * MINUTE  # the hold is over
    luis = member_with_plan("Luis")
    book_appointment(act, agent(), luis, german, TEN, now=dialogue.now)
    assert "ya no está disponible" in dialogue.press("Sí")
    assert dialogue.last.state == "awaiting_new_slot_selection"
    assert Appointment.get_by_id(booked.id).starts_at == WEDNESDAY
    dialogue.press("lun 23 de noviembre, 11:00")
    assert "quedó para el lun 23 de noviembre, 11:00" in dialogue.press("Sí")


@pytest.mark.parametrize(
    ("change", "now", "said"),
    [
        ({"version": 7}, NOW, "La cita cambió mientras tanto"),
        ({"status": CANCELLED}, NOW, "no puede pasar a"),
        ({}, WEDNESDAY - 3 * HOUR, "hasta 4 horas antes"),
    ],
)
def test_appointment_that_cannot_be_moved_any_more_ends_the_dialogue(dialogue, booked, change, now, said):
    dialogue.say("mover mi cita")
    dialogue.say("el jueves")
    dialogue.press("jue 26")
    if change:
        Appointment.update(change).where(Appointment.id == booked.id).execute()
    dialogue.now = now
    assert said in dialogue.press("Sí")
    assert dialogue.last.shouldRestartFlow is True
    assert Appointment.get_by_id(booked.id).starts_at == WEDNESDAY


@pytest.mark.parametrize(
    "rules", [replace(DEFAULT_RULES, quotas=Quotas.from_settings(Settings(appointment_changes_per_hour=1)))], ids=[""]
)
def test_member_who_moves_too_often_is_told_when_again(dialogue, booked):
    for day in ("jue 26", "vie 27"):
        dialogue.say("mover mi cita")
        dialogue.say("el jueves" if day == "jue 26" else "el viernes")
        dialogue.press(day)
        said = dialogue.press("Sí")
    assert "Ha movido o cancelado muchas citas seguidas" in said
    assert "Hablar con una persona" in dialogue.options
    assert Appointment.get_by_id(booked.id).version == 1


def test_request_under_way_goes_on_after_the_move(dialogue, ana, booked):
    dialogue.start()
    dialogue.say(ana.user.document_number)
    dialogue.press("En ")
    dialogue.say("mover mi cita")
    dialogue.press("lun 23")
    assert "Retomemos su solicitud donde la dejó: la especialidad" in dialogue.press("Sí")
    assert dialogue.draft.patient.first_name == "Ana"
    assert Appointment.get_by_id(booked.id).starts_at == TEN


def test_appointments_of_others_are_not_offered(act, dialogue, german):
    luis = member_with_plan("Luis")
    book_appointment(act, luis, luis, german, WEDNESDAY)
    assert "No tiene citas con horario que pueda mover" in dialogue.say("mover mi cita")
    assert "Mover una cita que ya tengo" not in dialogue.options


def test_slots_after_the_plan_are_not_offered(dialogue, ana, german):
    Subscription.update(ends_at=at("2026-11-23 09:00")).where(Subscription.user == ana.id).execute()
    dialogue.to_description()
    assert all(one.startswith("lun 23") for one in dialogue.options[:3])
    assert "Su plan termina el 23 de noviembre de 2026" in dialogue.say("el jueves")


def test_slot_that_the_plan_does_not_cover_any_more_is_refused(dialogue, ana, german):
    dialogue.to_summary("lun 23")
    dialogue.say("no")
    dialogue.press("El horario")
    dialogue.say("el jueves")
    dialogue.press("jue 26")
    Subscription.update(ends_at=at("2026-11-24 09:00")).where(Subscription.user == ana.id).execute()
    assert "Su plan termina antes de ese día" in dialogue.press("Sí")
    assert Appointment.select().count() == 0


def facts_of_dialogues():
    return list(Fact.select(Fact.detail, Fact.chat_id, Fact.actor_role).where(Fact.kind == BOOKING).tuples())


def test_dialogue_that_books_is_a_fact_without_a_name(dialogue):
    dialogue.to_summary()
    assert facts_of_dialogues() == []
    dialogue.press("Sí")
    assert facts_of_dialogues() == [(BOOKED, None, "member")]


def test_request_for_a_person_tells_the_step(dialogue):
    dialogue.start()
    dialogue.say(dialogue.who.user.document_number)
    dialogue.press("En ")
    dialogue.say("agente")
    assert facts_of_dialogues() == [("specialty", None, "member")]
