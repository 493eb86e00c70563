"""Valid frames become commands; invalid ones are refused with the code of their fault."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from beneficiate.errors import BadFrame, Forbidden, Invalid, TooLarge, UnknownEvent
from beneficiate.protocol.booking import AnswerBot
from beneficiate.protocol.commands import LegacyCommand, SendMessage
from beneficiate.protocol.envelope import Command, message_type
from beneficiate.protocol.reference import list_commands
from beneficiate.settings import Settings
from beneficiate.text_limits import MAX_MESSAGE_CHARS
from beneficiate.unit_of_work import Actor
from beneficiate.websockets.frames import FrameReader, FrameRejected
from tests.websockets.frame_samples import MESSAGE_FRAME, NOT_OBJECTS, WRONG_IDS

FRAME_BYTES = Settings().frame_bytes
READER = FrameReader(list_commands(), FRAME_BYTES)
ANA, YULIANA = Actor(31, "member"), Actor(45, "agent", 7)
# Answers to the bot are read leniently, and have tests of their own.
COMMANDS = {message_type(struct): struct for struct in list_commands() if struct is not AnswerBot}
EXAMPLES = {name: struct.example for name, struct in COMMANDS.items()}
REQUIRED = [(name, field.name) for name, struct in COMMANDS.items() for field in fields(struct) if field.required]
CHAT_IDS = [name for name, field in REQUIRED if field == "chat_id"]
LEGACY_COMMANDS = [name for name, struct in COMMANDS.items() if issubclass(struct, LegacyCommand)]


def refusal(frame, actor=ANA):
    """Return the problem and the reference with which an invalid frame is refused."""
    with pytest.raises(FrameRejected) as refused:
        READER.read(frame if isinstance(frame, str | bytes) else json.dumps(frame), actor)
    return type(refused.value.problem), refused.value.reference


def sentence(frame):
    with pytest.raises(FrameRejected) as refused:
        READER.read(json.dumps(frame), ANA)
    return refused.value.problem.sentence


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_example_of_every_command_is_read(example):
    command = READER.read(json.dumps(example), ANA)
    assert message_type(type(command)) == example["event"]
    assert {name: getattr(command, name) for name in example if name not in ("event", "chats")} == {
        name: value for name, value in example.items() if name not in ("event", "chats")
    }


@pytest.mark.parametrize("frame", NOT_OBJECTS, ids=range(len(NOT_OBJECTS)))
def test_anything_but_a_json_object_is_a_bad_frame(frame):
    assert refusal(frame) == (BadFrame, None)


def test_binary_is_a_bad_frame():
    assert refusal(json.dumps(MESSAGE_FRAME).encode()) == (BadFrame, None)


@pytest.mark.parametrize("event", ["", "hola", "PING", "ping ", "ack", None, 5, True, ["ping"], {"ping": 1}])
def test_unknown_command_is_refused_under_its_reference(event):
    assert refusal({"event": event, "id": "q1"}) == (UnknownEvent, "q1")


def test_missing_message_type_is_an_unknown_command():
    assert refusal({}) == (UnknownEvent, None)
    assert refusal({"id": "q1", "message": "Hola"}) == (UnknownEvent, "q1")


def test_command_of_another_role_is_unknown():
    with pytest.raises(FrameRejected) as refused:
        FrameReader([SendMessage], FRAME_BYTES).read('{"event": "ping", "id": "q1"}', ANA)
    assert isinstance(refused.value.problem, UnknownEvent)


@pytest.mark.parametrize(("name", "field"), REQUIRED)
def test_a_missing_field_is_invalid(name, field):
    rest = {key: value for key, value in EXAMPLES[name].items() if key != field}
    assert refusal({**rest, "id": "q1"}) == (Invalid, "q1")


@pytest.mark.parametrize(("name", "field"), REQUIRED)
@pytest.mark.parametrize("value", [None, True, 1.5, [], {"a": 1}, "", -1])
def test_a_field_of_the_wrong_type_is_invalid(name, field, value):
    assert refusal({**EXAMPLES[name], field: value, "id": "q1"}) == (Invalid, "q1")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_undeclared_field_is_invalid_and_named(name):
    frame = {**EXAMPLES[name], "surprise": 1, "id": "q1"}
    assert refusal(frame) == (Invalid, "q1")
    assert "«surprise»" in sentence(frame)


@pytest.mark.parametrize("name", CHAT_IDS)
@pytest.mark.parametrize("value", WRONG_IDS, ids=range(len(WRONG_IDS)))
def test_an_id_is_a_whole_number_that_fits(name, value):
    assert refusal({**EXAMPLES[name], "chat_id": value, "id": "q1"}) == (Invalid, "q1")


@pytest.mark.parametrize("value", [1, 2**31 - 1])
def test_the_first_and_the_last_id_are_read(value):
    assert READER.read(json.dumps({**MESSAGE_FRAME, "chat_id": value}), ANA).chat_id == value


@pytest.mark.parametrize(
    "chats",
    [
        {"0": 0},
        {"-1": 0},
        {"a": 0},
        {"12": -1},
        {"12": 2**31},
        {"12": "0"},
        {"12": 1.5},
        {str(2**31): 0},
        {str(n): 0 for n in range(1, 1002)},
    ],
    ids=range(9),
)
def test_resume_is_bounded(chats):
    assert refusal({"event": "resume", "id": "q1", "chats": chats}) == (Invalid, "q1")


@pytest.mark.parametrize("reference", ["q" * 65, 5, True, ["q1"], {}])
def test_invalid_reference_is_not_repeated(reference):
    assert refusal({**MESSAGE_FRAME, "id": reference}) == (Invalid, None)


def test_the_longest_reference_is_repeated():
    assert refusal({**MESSAGE_FRAME, "chat_id": 0, "id": "q" * 64}) == (Invalid, "q" * 64)


@pytest.mark.parametrize("client_id", ["", "c" * 65, 5, ["c"]])
def test_a_client_id_is_a_short_text(client_id):
    assert refusal({**MESSAGE_FRAME, "client_id": client_id}) == (Invalid, "q1")


@pytest.mark.parametrize("size", [1, 3999, 4000])
def test_message_of_four_thousand_characters_is_read(size):
    # Characters, not bytes: 4,000 of these are 16,000 bytes of UTF-8.
    assert (
        READER.read(json.dumps({**MESSAGE_FRAME, "message": "😀" * size}, ensure_ascii=False), ANA).message
        == "😀" * size
    )


def test_longer_message_is_invalid_and_its_limit_is_named():
    assert refusal({**MESSAGE_FRAME, "message": "a" * 4001}) == (Invalid, "q1")
    assert sentence({**MESSAGE_FRAME, "message": "a" * 4001}) == "El dato «message» puede tener hasta 4.000 caracteres."


def test_a_frame_over_its_limit_is_too_large_in_bytes():
    frame = json.dumps({**MESSAGE_FRAME, "sent_at": ""}, ensure_ascii=False)
    room = FRAME_BYTES - len(frame)
    assert READER.read(frame.replace('""', f'"{"a" * room}"'), ANA)
    assert refusal(frame.replace('""', f'"{"a" * (room + 1)}"')) == (TooLarge, "q1")
    assert refusal(frame.replace('""', f'"{"ñ" * (room // 2 + 1)}"')) == (TooLarge, "q1")
    assert refusal("[" * (FRAME_BYTES + 1)) == (TooLarge, None)


def test_sentence_of_a_frame_that_is_too_large_names_the_limit():
    assert "4.000 caracteres" in sentence({**MESSAGE_FRAME, "message": "a" * FRAME_BYTES})


@pytest.mark.parametrize("character", ["😀", "\x01", "ñ", "\u2028"])
def test_the_longest_message_fits_however_it_is_written(character):
    frame = {**MESSAGE_FRAME, "client_id": "c" * 64, "message": character * MAX_MESSAGE_CHARS}
    assert READER.read(json.dumps(frame), ANA).message == frame["message"]


@pytest.mark.parametrize("message", ["\ud83d", "hola \ude00", "a\ud83db"])
def test_half_a_character_is_named_under_the_reference(message):
    frame = {**MESSAGE_FRAME, "message": message}
    assert refusal(frame) == (Invalid, "q1")
    assert "incompleto" in sentence(frame)
    assert refusal({"event": "ping", "id": "\udc00"}) == (Invalid, None)


def test_frame_that_only_a_tolerant_parser_reads_is_bad_and_answered_under_its_reference():
    assert refusal('{"event": "ping", "id": "q1", "sent_at": NaN}') == (BadFrame, "q1")


@pytest.mark.parametrize("field", ["message", "client_id", "id", "sent_at", "status", "sender_type"])
def test_nul_is_refused_wherever_it_is(field):
    assert refusal({**MESSAGE_FRAME, field: "a\0b"})[0] is Invalid
    assert refusal({**MESSAGE_FRAME, "status": {"a": ["b", {"c\0": 1}]}})[0] is Invalid


def test_escaped_backslash_before_u0000_is_text():
    assert READER.read(json.dumps({**MESSAGE_FRAME, "message": "\\u0000"}), ANA).message == "\\u0000"


@pytest.mark.parametrize("name", ["sender_id", "user_id", "closed_by"])
@pytest.mark.parametrize("forged", [32, "32", 2**31, 0, "0", "١"])
def test_id_of_another_user_is_forbidden(name, forged):
    for legacy_command in LEGACY_COMMANDS:
        if (name, legacy_command) != ("user_id", "initiate_chat"):
            frame = {**EXAMPLES[legacy_command], name: forged, "id": "q1"}
            assert refusal(frame) == (Forbidden, "q1")


@pytest.mark.parametrize("name", ["sender_id", "user_id", "closed_by"])
@pytest.mark.parametrize("own", [31, "31", None])
def test_own_id_may_be_sent(name, own):
    assert READER.read(json.dumps({**MESSAGE_FRAME, name: own}), ANA)


def test_agent_may_send_the_user_id_or_the_agent_id():
    for own in (45, "45", 7, "7"):
        assert READER.read(json.dumps({**MESSAGE_FRAME, "sender_id": own}), YULIANA)
    assert refusal({**MESSAGE_FRAME, "sender_id": 31}, YULIANA) == (Forbidden, "q1")


@pytest.mark.parametrize("name", ["sender_id", "user_id", "closed_by"])
@pytest.mark.parametrize("value", [31.0, True, [31], {"id": 31}])
def test_an_identity_is_a_number_or_a_text(name, value):
    assert refusal({**MESSAGE_FRAME, name: value}) == (Invalid, "q1")


@pytest.mark.parametrize("name", LEGACY_COMMANDS)
def test_extra_fields_of_old_clients_are_ignored(name):
    sent = {"sender_type": "AGENT", "status": {"any": ["thing"]}, "sent_at": 1756135860000}
    old = {**sent, "sender_id": 31, "closed_by": "31"}
    assert READER.read(json.dumps({**old, **EXAMPLES[name]}), ANA)


def test_missing_data_is_refused_with_the_old_text():
    empty = {"chat_id": 12, "message": ""}, {"chat_id": 0, "message": "a"}, {"chat_id": None, "message": "a"}
    for broken in ({}, {"chat_id": 12}, {"message": "Hola"}, *empty):
        assert sentence({"event": "chat_message", **broken}) == "Datos incompletos para enviar el mensaje"
        assert sentence({"event": "agent_chat_message", **broken}) == "Se requieren chat_id y message"


@given(st.text() | st.binary())
def test_no_text_breaks_the_reader(raw):
    _survives(raw)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([12, "12", "\0", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "chat_id",
        "message",
        "message_id",
        "user_id",
        "sender_id",
        "closed_by",
        "client_id",
        "chats",
        "token",
        "id",
        "source",
        "status",
    ]
)


@given(st.sampled_from([*EXAMPLES, "hola"]) | VALUES, st.dictionaries(FIELDS, VALUES, max_size=5), st.booleans())
def test_no_json_breaks_the_reader(event, fields, ascii_only):
    example = EXAMPLES.get(event, {}) if isinstance(event, str) else {}
    _survives(json.dumps({**example, **fields, "event": event}, ensure_ascii=ascii_only))


def _survives(raw):
    refusals = []
    try:
        assert isinstance(READER.read(raw, ANA), Command)
    except FrameRejected as refused:
        refusals.append((refused.problem.code, len(refused.reference or "")))
    known = ("bad_frame", "unknown_event", "invalid", "forbidden", "too_large")
    assert all(code in known and length <= 64 for code, length in refusals)
