"""The longest texts, in characters: of the columns and of the commands, bodies and forms that fill them.

A column that holds a text of a person or of a client has its limit from here, so that what is accepted can be stored.
"""

MAX_MESSAGE_CHARS = 4000
MAX_CLIENT_ID_CHARS = 64
MAX_TAG_CHARS = 32
MAX_FOLDED_TAG_CHARS = 64
"""A tag without capitals and accents may be longer than as it was typed; the rest does not tell tags apart."""
MAX_TOPIC_CODE_CHARS = 32
MAX_AVAILABILITY_REASON_CHARS = 100
MAX_SHORTCUT_CHARS = 32
MAX_REPLY_TITLE_CHARS = 80
MAX_FILE_NAME_CHARS = 160
MAX_APPOINTMENT_STATUS_CHARS = 16
MAX_APPOINTMENT_NOTES_CHARS = 1000
MAX_CHANGE_REASON_CHARS = 500
MAX_REQUEST_KEY_CHARS = 64
MAX_CONSENT_VERSION_CHARS = 16
MAX_REQUEST_CHARS = 4000
"""Of a request about personal data, and of each text of its answer."""
HASH_CHARS = 64
"""A SHA-256 hash in hexadecimal."""
