"""Commands and events of booking."""

import msgspec

from beneficiate.protocol.booking import AnswerBot, BotReplied, StartBooking
from tests.protocol.fields import is_valid


def test_professional_is_optional():
    assert is_valid(StartBooking, professionalId=...)
    assert not is_valid(StartBooking, professionalId="12")


def test_reply_of_the_bot_omits_what_it_does_not_have():
    reply = msgspec.to_builtins(BotReplied(message="Hola", sender_type="BOT", state="done"))
    assert reply == {"event": "chatbot_message", "message": "Hola", "sender_type": "BOT", "state": "done"}


def test_list_of_the_bot_is_named_as_clients_expect():
    reply = msgspec.to_builtins(BotReplied(message="Hola", sender_type="BOT", state="done", is_list=True))
    assert reply["list"] is True


def test_documented_frame_of_an_answer_is_what_clients_send():
    assert set(AnswerBot.example) <= set(AnswerBot.frame_schema["properties"])
