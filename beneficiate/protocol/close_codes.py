"""Close codes of a WebSocket connection: 1000 to 1015 are those of RFC 6455, from 4000 on our own."""

CLOSE_SILENT = 1001
CLOSE_PROTOCOL_ERROR = 1002
CLOSE_INVALID_TEXT = 1007
CLOSE_TOO_MANY_ERRORS = 1008
CLOSE_RESTARTING = 1012
CLOSE_TOO_SLOW = 1013
CLOSE_TOKEN_EXPIRED = 4401
CLOSE_REVOKED = 4403
CLOSE_TOO_MANY = 4409


def restart_reason(delay_ms: int) -> str:
    """Return the reason of a close with 1012 that tells a client when to come back; in less than 10,000 ms."""
    return f"restarting {delay_ms}"


CLOSE_CODES = {
    "NORMAL": (1000, "normal"),
    "GONE": (CLOSE_SILENT, "no answer to two pings"),
    "PROTOCOL_ERROR": (CLOSE_PROTOCOL_ERROR, "a frame that RFC 6455 forbids: not masked, or with an unknown code"),
    "INVALID_TEXT": (CLOSE_INVALID_TEXT, "a text that is not UTF-8"),
    "ABUSE": (CLOSE_TOO_MANY_ERRORS, "too many errors"),
    "TOO_LARGE": (1009, "a frame over 64 KiB"),
    "RESTART": (
        CLOSE_RESTARTING,
        "the server restarts: reconnect after the milliseconds that end the reason (`restarting 1234`), or with jitter",
    ),
    "SLOW": (CLOSE_TOO_SLOW, "too slow, the outbox is full: reconnect and resume"),
    "TOKEN_EXPIRED": (
        CLOSE_TOKEN_EXPIRED,
        "the token expired or its sign-in ended: reconnect with a new one, or sign in",
    ),
    "REVOKED": (CLOSE_REVOKED, "account deactivated or role revoked"),
    "TOO_MANY": (CLOSE_TOO_MANY, "too many connections of one user: the newest ten stay"),
}
"""The name of a code in the browser, the code, and its meaning in docs/protocol.md."""
