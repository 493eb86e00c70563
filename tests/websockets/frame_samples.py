"""Frames that are invalid in every way we know, and a valid one."""

MESSAGE_FRAME = {"event": "chat_message", "chat_id": 12, "message": "Hola", "id": "q1"}
WRONG_IDS = [True, False, 12.0, 12.5, "12", None, [12], {"id": 12}, 0, -1, 2**31, 2**63, 10**22 + 1, 10**400]
NOT_OBJECTS = [
    "",
    " ",
    "hola",
    "{",
    "[]",
    "[1]",
    "1",
    "null",
    "true",
    '"hola"',
    "{}]",
    "{'event': 'ping'}",
    "\ufeff{}",
    '{"event": "ping",}',
    '{"event": "ping"}{"event": "ping"}',
    "[" * 5000,
    '{"a":' * 3000,
    "NaN",
    '{"event": "chat_message", "chat_id": ' + "[" * 5000 + "}",
    '{"event": "ping", "sent_at": ' + "[" * 5000,
]
INVISIBLE = [
    " ",
    "   ",
    "\t\n",
    "\u00a0",
    "\u200b",
    "\u2028",
    "\u202e",
    "\u2060\u200d",
    "\ufeff",
    "\x01\x7f",
    "\U000e0001",
]
