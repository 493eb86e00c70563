"""Appointments are booked over real sockets, and everybody concerned is notified."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from beneficiate.actions.appointment_places import announce_new_place
from beneficiate.actions.appointments import expire_appointments
from beneficiate.app import Server
from beneficiate.errors import Internal
from beneficiate.models.accounts import Agent
from beneficiate.models.appointments import Appointment
from beneficiate.models.audit import AuditEntry
from beneficiate.models.dialogues import Dialogue
from tests.factories import (
    PASSWORD,
    add_hours_soon,
    agent,
    connect_socket,
    member,
    member_with_plan,
    professional,
    specialty,
    supervisor,
    township,
)
from tests.flows.bot_client import DESCRIPTION, BotClient
from tests.http_client import CookieClient, call_api
from tests.server_process import AppProcess
from tests.ws_client import wait_until

PAYLOAD_FIELDS = {
    "id", "ticket_number", "status", "user_id", "beneficiary_id", "patient", "specialty_id", "specialty_name",
    "professional_id", "professional_name", "city_id", "city_name", "location", "place", "starts_at",
    "duration_minutes", "first_time", "control", "notes", "cancellation_reason", "version", "created_at",
}  # fmt: skip
REQUEST = {"first_time": True, "notes": DESCRIPTION, "consent_version": "1"}


@pytest.fixture
def german(server):
    return add_hours_soon(professional(hours=()))


def body(**more):
    return {**REQUEST, "specialty_id": specialty().id, "city_id": township().id, **more}


# ---- The dialogue ----------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_appointment_is_booked_by_pressing_buttons(server, german):
    bot = await BotClient.connect(server.port, member_with_plan())
    first = await bot.start()
    assert (first["sender_type"], first["state"]) == ("BOT", "awaiting_document")
    cities = await bot.send_text(bot.person.user.document_number)
    assert "Ana" in cities["message"]
    assert cities["options"] == ["En Bogotá D.C.", "En otra ciudad"]
    assert [one["label"] for one in cities["choices"]] == cities["options"]
    await bot.press_button("En otra ciudad")
    found = await bot.send_text("bogota")
    assert (found["list"], found["state"]) == (True, "awaiting_specialty_search")
    found = await bot.send_text("cardio")
    assert found["list"] is True
    assert "Cardiología" in found["options"]
    visit_types = await bot.press_button("Cardiología")
    assert visit_types["options"] == ["Primera vez", "Control"]
    await bot.press_button("Primera vez")
    slots = await bot.send_text(DESCRIPTION)
    assert slots["options"][3:] == ["Más horarios", "Otro día", "Que me contacten"]
    summary = await bot.press_button(slots["options"][0])
    assert summary["message"].startswith("Resumen")
    for part in ("Ana", "Bogotá", "Cardiología", DESCRIPTION, "Primera vez", german.name):
        assert part in summary["message"]
    assert (summary["options"], summary["state"]) == (["Sí", "No"], "confirmation")
    booked = await bot.press_button("Sí")
    appointment = Appointment.get()
    assert appointment.ticket_number in booked["message"]
    assert (booked["state"], appointment.status) == ("completed", "TO_BE_CONFIRMED")
    assert appointment.professional_id == german.id
    rest = await bot.finish()
    assert [frame["event"] for frame in rest] == ["new_appointment"]


@pytest.mark.gen_test
async def test_appointment_is_booked_by_typing(server, german):
    bot = await BotClient.connect(server.port, member_with_plan())
    for text in ("buenos días", f"CC {bot.person.user.document_number}", "en otra ciudad", "bogota", "cardiologia",
                 "de control", DESCRIPTION, "que me contacten", "sí, por favor"):  # fmt: skip
        await bot.send_text(text)
    assert bot.last["state"] == "completed"
    appointment = Appointment.get()
    assert (appointment.status, appointment.first_time, appointment.notes) == ("PENDING", False, DESCRIPTION)
    assert "registrada exitosamente" in bot.last["message"]
    await bot.finish()


def object_around(who, text):
    """A whole message object, with ids of types that are none of ours."""
    return {"id": 17, "chat_id": None, "source": "chatbot", "message": text, "sender_id": who.id,
            "sender_type": "USER", "status": "SENT", "sent_at": "2026-08-25T15:31:00.000Z"}  # fmt: skip


def object_inside(who, text):
    return {"event": "chat_message", "source": "chatbot", "id": 17.5, "chat_id": "bot", "user_id": str(who.id),
            "message": {"id": 3, "message": text, "sender_type": "USER"}}  # fmt: skip


@pytest.mark.parametrize("shape", [object_around, object_inside])
@pytest.mark.gen_test
async def test_appointment_is_booked_by_a_legacy_client(server, german, shape):
    bot = await BotClient.connect(server.port, member_with_plan())
    await bot.send(event="init", source="chatbot")
    document = bot.person.user.document_number
    for text in (document, "En Bogotá D.C.", "Cardiología", "Cardiología", "Control", DESCRIPTION):
        await bot.send(**shape(bot.person, text))
    # It sends the text of a button back, and sometimes its id as a text.
    await bot.send(**shape(bot.person, bot.last["options"][1]))
    await bot.send(**shape(bot.person, bot.button("Sí")))
    assert bot.last["state"] == "completed"
    assert Appointment.get().starts_at is not None
    await bot.finish()


@pytest.mark.gen_test
async def test_only_a_string_id_is_acknowledged(server):
    bot = await BotClient.connect(server.port, member_with_plan())
    for reference in ("r1", 7, None, {"a": 1}, ["x"], "x" * 65):
        await bot.send(source="chatbot", message="hola", id=reference)
    acks = [frame for frame in await bot.finish() if frame["event"] == "ack"]
    assert [ack["id"] for ack in acks] == ["r1"]


@pytest.mark.gen_test
async def test_answer_in_the_name_of_another_member_is_refused(server):
    ana, beto = member_with_plan(), member_with_plan("Beto")
    client = await connect_socket(server.port, ana)
    client.send_raw(json.dumps({"source": "chatbot", "message": "hola", "sender_id": beto.id}))
    assert (await client.receive("error"))["code"] == "forbidden"
    assert not Dialogue.select().exists()


@pytest.mark.gen_test
async def test_invalid_frames_are_answered_and_the_dialogue_stays(server):
    bot = await BotClient.connect(server.port, member_with_plan())
    await bot.start()
    for message in (None, True, 3.5, [], {}, {"message": {}}, "", "   ", 12345678, "a" * 5000, "\u202e", "'; --"):
        frame = await bot.send(source="chatbot", message=message)
        assert frame["state"] == "awaiting_document"
        if any(one["label"].startswith("Continuar") for one in frame["choices"]):
            await bot.press_button("Continuar")
    await bot.finish()
    bot.client.send_raw('{"source":"chatbot","message":"a\\u0000b"}')
    assert (await bot.client.receive("error"))["code"] == "invalid"


@pytest.mark.gen_test
async def test_description_that_is_too_short_or_long_is_requested_again(server, german):
    bot = await BotClient.connect(server.port, member_with_plan())
    await bot.go_to_slots()
    await bot.send_text("volver")
    for text in ("ab", "a" * 5000):
        assert (await bot.send_text(text))["state"] == "awaiting_description"
    assert (await bot.send_text(DESCRIPTION))["state"] == "awaiting_slot_selection"


@pytest.mark.gen_test
async def test_stale_button_gets_the_current_question(server, german):
    bot = await BotClient.connect(server.port, member_with_plan())
    await bot.start()
    await bot.send_text(bot.person.user.document_number)
    stale = bot.button("En Bogotá")
    now = await bot.press_button("En Bogotá")
    again = await bot.send(source="chatbot", option=stale)
    assert again["state"] == now["state"] == "awaiting_specialty_search"
    assert "Ese botón era de una pregunta anterior" in again["message"]
    assert now["message"] in again["message"]


@pytest.mark.gen_test
async def test_agents_and_supervisors_have_no_bot(server):
    for who in (agent(), supervisor()):
        client = await connect_socket(server.port, who)
        for frame in ({"event": "chatbot_init"}, {"source": "chatbot", "message": "hola"},
                      {"event": "chatbot_init", "source": "chatbot", "message": "hola"}):  # fmt: skip
            client.send_raw(json.dumps(frame))
            assert (await client.receive("error"))["code"] == "unknown_event"
        assert [frame for frame in await client.receive_until_pong() if frame["event"] == "chatbot_message"] == []
    assert not Dialogue.select().exists()


@pytest.mark.gen_test
async def test_internal_error_is_reported_and_the_draft_is_kept(server, german):
    bot = await BotClient.connect(server.port, member_with_plan())
    await bot.go_to_slots()
    draft = Dialogue.get().draft
    spoilt = draft.replace(f'"professional_id":{german.id}', '"professional_id":2000000000')
    assert spoilt != draft
    Dialogue.update(draft=spoilt).execute()
    options = bot.last["options"]
    with capture_logs() as logged:
        for _ in range(2):
            frame = await bot.press_button(options[0])
            assert frame["message"] == Internal.sentence == "Error interno, por favor intente nuevamente más tarde."
            assert (frame["state"], frame["options"]) == ("awaiting_slot_selection", options)
    assert [one["event"] for one in logged] == ["dialogue_failed"]
    Dialogue.update(draft=draft).execute()
    assert (await bot.press_button(options[0]))["message"].startswith("Resumen")
    await bot.finish()


# ---- Cuts, restarts, tabs ------------------------------------------------------------------------

PLAY = [
    ("send_text", None, "awaiting_city_selection"),
    ("press_button", "En Bogotá", "awaiting_specialty_search"),
    ("send_text", "cardio", "awaiting_specialty_selection"),
    ("press_button", "Cardiología", "awaiting_visit_type"),
    ("press_button", "Control", "awaiting_description"),
    ("send_text", DESCRIPTION, "awaiting_slot_selection"),
    ("press_button", "", "confirmation"),
    ("press_button", "Sí", "completed"),
]


@pytest.mark.gen_test
async def test_dialogue_is_resumed_after_a_disconnect_at_every_step(server, german):
    ana = member_with_plan()
    bot = await BotClient.connect(server.port, ana)
    await bot.start()
    for how, what, state in PLAY:
        await getattr(bot, how)(ana.user.document_number if what is None else what)
        before = bot.last
        assert before["state"] == state
        bot.client.close()
        bot = await BotClient.connect(server.port, ana)
        after = await bot.start()
        assert (after["state"], after.get("choices")) == (state, before.get("choices"))
        assert state == "completed" or "Retomemos su solicitud" in after["message"]
    assert Appointment.select().count() == 1


@pytest.mark.gen_test
async def test_answer_is_kept_when_its_reply_is_lost(server, german):
    """The tab closes with its answer in flight: the next one gets the current state of the dialogue."""
    ana = member_with_plan()
    bot = await BotClient.connect(server.port, ana)
    await bot.go_to_summary()
    bot.client.send_raw(json.dumps({"source": "chatbot", "option": bot.button("Sí")}))
    bot.client.close()
    await bot.client.wait_closed()
    other = await BotClient.connect(server.port, ana)
    await wait_until(lambda: Appointment.select().exists())
    assert (await other.start())["state"] == "completed"
    assert Appointment.get().ticket_number in other.last["message"]


@pytest.fixture
def context(io_loop, settings):
    """Return a server that can be stopped and started again."""

    class RestartableServer:
        server = None

        async def restart(self):
            if self.server is not None:
                await self.server.stop()
            self.server = Server(settings)
            await self.server.start()
            return self.server.port

    context = RestartableServer()
    io_loop.run_sync(context.restart)
    yield context
    io_loop.run_sync(context.server.stop)


@pytest.mark.gen_test
async def test_dialogue_survives_a_restart_at_every_step(context):
    add_hours_soon(professional(hours=()))
    ana = member_with_plan()
    port = context.server.port
    bot = await BotClient.connect(port, ana)
    await bot.start()
    for how, what, state in PLAY:
        await getattr(bot, how)(ana.user.document_number if what is None else what)
        before = bot.last
        assert before["state"] == state
        bot.client.close()
        await bot.client.wait_closed()
        bot = await BotClient.connect(await context.restart(), ana)
        # Half of the clients start again, the others press a button that they still show.
        if state not in ("awaiting_specialty_selection", "confirmation"):
            after = await bot.start()
            assert (after["state"], after.get("choices")) == (state, before.get("choices"))
        bot.last = before
    bot.client.close()
    await bot.client.wait_closed()
    assert Appointment.select().count() == 1


@pytest.mark.slow
@pytest.mark.gen_test
async def test_dialogue_survives_a_killed_process(db, database_url, tmp_path):
    ana = member_with_plan()
    add_hours_soon(professional(hours=()))
    process = AppProcess(tmp_path, database_url)
    try:
        await process.start()
        bot = await BotClient.connect(process.port, ana)
        await bot.go_to_summary()
        process.kill()
        with suppress(ConnectionError):
            await bot.client.wait_closed()
        await process.start()
        again = await BotClient.connect(process.port, ana)
        again.last = bot.last
        assert (await again.press_button("Sí"))["state"] == "completed"
        assert (await again.press_button("Pedir otra cita"))["state"] == "awaiting_document"
        again.client.close()
        await again.client.wait_closed()
    finally:
        process.kill()
    assert Appointment.select().count() == 1


@pytest.mark.gen_test
async def test_two_tabs_confirming_at_once_book_once(server, german):
    ana = member_with_plan()
    one, other = await BotClient.connect(server.port, ana), await BotClient.connect(server.port, ana)
    await one.go_to_summary()
    yes = json.dumps({"source": "chatbot", "option": one.button("Sí")})
    shown = [frame for frame in await other.client.receive_until_pong() if frame["event"] == "chatbot_message"]
    assert shown[-1] == one.last
    for tab in (one, other) * 3:
        tab.client.send_raw(yes)
    ticket = None
    for tab in (one, other):
        replies = [await tab.client.receive("chatbot_message") for _ in range(6)]
        assert {reply["state"] for reply in replies} == {"completed"}
        ticket = Appointment.get().ticket_number
        assert all(ticket in reply["message"] for reply in replies)
        rest = await tab.client.receive_until_pong()
        assert [frame["event"] for frame in rest] == ["new_appointment"]
    assert Appointment.select().count() == 1


@pytest.mark.gen_test
async def test_dialogues_of_many_members_are_separate(server, german):
    bots = [await BotClient.connect(server.port, member_with_plan(f"Nombre{n}")) for n in range(8)]
    await asyncio.gather(*(bot.go_to_slots() for bot in bots))
    await asyncio.gather(*(bot.press_button("Que me contacten") for bot in bots))
    for n, bot in enumerate(bots):
        assert f"Nombre{n}" in bot.last["message"]
    await asyncio.gather(*(bot.press_button("Sí") for bot in bots))
    assert Appointment.select().count() == 8
    for bot in bots:
        assert [frame["appointment"]["user_id"] for frame in await bot.finish()] == [bot.person.id]


# ---- Notifications -----------------------------------------------------------------------------


def without_reasons(appointment):
    """Return an appointment as all of the staff are sent it."""
    return {**appointment, "notes": "", "cancellation_reason": ""}


async def events_of(clients, *events):
    """Return the frames of these events that each client has been sent."""
    return [[frame for frame in await client.receive_until_pong() if frame["event"] in events] for client in clients]


@pytest.mark.gen_test
async def test_change_is_published_to_the_member_and_staff_only(server, german):
    ana, yuliana, camilo, marta = member_with_plan(), agent(), agent("Camilo"), supervisor()
    former, beto = agent("Inactiva"), member_with_plan("Beto")
    Agent.update(status="INACTIVE").where(Agent.id == former.agent_id).execute()
    concerned = [await connect_socket(server.port, who) for who in (ana, ana, yuliana, camilo, marta)]
    others = [await connect_socket(server.port, who) for who in (beto, former, member())]
    events = ("new_appointment", "appointment_updated")

    answer = await call_api(server.port, "medical-appointment/create-pending", ana, body())
    created = answer.data
    steps = [(answer, "new_appointment")]
    slots = (await call_api(server.port, f"medical-professionals/{german.id}/slots", ana)).data
    status = f"medical-appointment/status/{created['id']}"
    first, second = ({"professional_id": german.id, "starts_at": slots[n]["starts_at"]} for n in (0, 5))
    for who, path, sent in (
        (yuliana, status, {"status": "CONFIRMED", **first}),
        (ana, status, {"status": "RESCHEDULED", **second}),
        (marta, f"medical-appointment/cancel/{created['id']}", {"reason": "El consultorio cierra"}),
    ):
        steps.append((await call_api(server.port, path, who, sent, method="PUT"), "appointment_updated"))
    assert [answer.status for answer, _ in steps] == [201, 200, 200, 200]
    expected = [{"event": event, "appointment": answer.data} for answer, event in steps]
    assert [frame["appointment"]["version"] for frame in expected] == [0, 1, 2, 3]
    assert all(set(frame["appointment"]) == PAYLOAD_FIELDS for frame in expected)
    assert expected[-1]["appointment"]["cancellation_reason"] == "El consultorio cierra"
    of_staff = [{**frame, "appointment": without_reasons(frame["appointment"])} for frame in expected]
    assert await events_of(concerned, *events) == [expected, expected, of_staff, of_staff, of_staff]
    assert await events_of(others, *events) == [[]] * 3


@pytest.mark.gen_test
async def test_reason_of_an_appointment_reaches_the_staff_only_where_that_is_recorded(server, german):
    canary = "Canario en el pecho"
    ana, yuliana, marta = member_with_plan(), agent(), supervisor()
    at_home, at_desk, at_board = [await connect_socket(server.port, who) for who in (ana, yuliana, marta)]
    path, said = "medical-appointment", {"notes": canary, "consent_version": "1"}
    slots = (await call_api(server.port, f"medical-professionals/{german.id}/slots", ana)).data
    first, second, later = (
        {"professional_id": german.id, "starts_at": slots[n]["starts_at"]} for n in (0, 5, len(slots) - 1)
    )

    async def change(who, one, **sent):
        answer = await call_api(server.port, f"{path}/status/{one['id']}", who, sent, method="PUT")
        assert answer.status == 200, answer

    made, waits, expires = [
        (await call_api(server.port, f"{path}/create-pending", ana, body(**said))).data for _ in range(3)
    ]
    assert made["notes"] == canary
    await call_api(server.port, f"{path}/create-pending", yuliana, body(user_id=ana.id, **said, **later))
    await change(yuliana, made, status="CONFIRMED", **first)
    await change(marta, waits, status="CONFIRMED", **later | {"starts_at": slots[-3]["starts_at"]})
    await call_api(server.port, f"{path}/{waits['id']}/wait", ana, "", method="POST")
    await change(ana, made, status="RESCHEDULED", **second)
    await server.context.store.run(lambda uow: announce_new_place(uow, german, [made["id"]]))
    Appointment.update(expires_at=datetime(2020, 1, 1, tzinfo=UTC)).where(Appointment.id == expires["id"]).execute()
    await server.context.store.run(expire_appointments)
    await change(marta, made, status="CANCELLED", reason=canary)
    bot = BotClient(at_home, ana)
    await bot.start()
    await bot.send_text("agente")

    again = [await connect_socket(server.port, who, wait_for_state=False) for who in (yuliana, marta)]
    for client in (at_desk, at_board, *again):
        await client.request("all_appointments")
        frames = await client.receive_until_pong()
        assert {"all_appointments", "new_appointment"} & {frame["event"] for frame in frames}
        assert canary not in json.dumps(frames, ensure_ascii=False)
    assert canary in json.dumps(await at_home.receive_until_pong(), ensure_ascii=False)

    for who in (yuliana, marta):
        browser = CookieClient(server.port)
        await browser.sign_in(who, PASSWORD)
        for shown in ("", "/lista?lista=todas", f"/lista?buscar={made['ticket_number']}"):
            page = await browser.get(f"/agente/citas{shown}")
            assert (page.status, canary in page.text) == (200, False), shown
        assert not AuditEntry.select().where(AuditEntry.what == "people.view", AuditEntry.actor_id == who.id).exists()
        assert canary in (await browser.get(f"/agente/citas/{made['id']}")).text
        await server.context.store.run_in_background(lambda uow: None)
        assert AuditEntry.select().where(AuditEntry.what == "people.view", AuditEntry.actor_id == who.id).exists()


@pytest.mark.gen_test
async def test_refused_change_is_published_to_nobody(server):
    ana, beto = member_with_plan(), member_with_plan("Beto")
    appointment = (await call_api(server.port, "medical-appointment/create-pending", ana, body())).data
    clients = [await connect_socket(server.port, who) for who in (ana, beto, agent())]
    for path in ("cancel", "status"):
        for id_ in (appointment["id"], 2_000_000_000):
            sent = {"status": "CANCELLED"} if path == "status" else {}
            answer = await call_api(server.port, f"medical-appointment/{path}/{id_}", beto, sent, method="PUT")
            assert (answer.status, answer.code) == (404, "not_found")
    assert await events_of(clients, "new_appointment", "appointment_updated", "error") == [[], [], []]


@pytest.mark.gen_test
async def test_initial_state_has_own_appointments_or_all_open_ones(server):
    ana, beto, yuliana, marta = member_with_plan(), member_with_plan("Beto"), agent(), supervisor()
    made = [
        (await call_api(server.port, "medical-appointment/create-pending", who, body())).data for who in (ana, beto)
    ]
    gone = (await call_api(server.port, "medical-appointment/create-pending", ana, body())).data
    gone = (await call_api(server.port, f"medical-appointment/cancel/{gone['id']}", ana, {}, method="PUT")).data

    at_home = await connect_socket(server.port, ana, wait_for_state=False)
    assert (await at_home.receive("user_appointments"))["appointments"] == [gone, made[0]]
    at_desk, at_board = [await connect_socket(server.port, who, wait_for_state=False) for who in (yuliana, marta)]
    for client in (at_desk, at_board):
        opening = await client.receive("all_appointments")
        assert opening["appointments"] == {
            "data": [without_reasons(one) for one in made[::-1]], "counts": {"PENDING": 2, "CANCELLED": 1}
        }  # fmt: skip
    others = ((at_home, "all_appointments"), (at_desk, "user_appointments"), (at_board, "user_appointments"))
    for client, event in others:
        assert [frame for frame in await client.receive_until_pong() if frame["event"] == event] == []


@pytest.mark.gen_test
async def test_only_staff_can_request_the_list_again(server):
    ana, yuliana = member_with_plan(), agent()
    at_desk = await connect_socket(server.port, yuliana)
    assert (await at_desk.request("all_appointments"))["event"] == "ack"
    assert (await at_desk.receive("all_appointments"))["appointments"] == {"data": [], "counts": {}}
    made = (await call_api(server.port, "medical-appointment/create-pending", ana, body())).data
    at_desk.send("all_appointments", user_id=yuliana.id)
    assert (await at_desk.receive("all_appointments"))["appointments"]["data"] == [without_reasons(made)]
    at_board = await connect_socket(server.port, supervisor())
    assert (await at_board.request("all_appointments"))["event"] == "ack"
    at_home = await connect_socket(server.port, ana)
    assert (await at_home.request("all_appointments"))["code"] == "unknown_event"
