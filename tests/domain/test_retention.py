"""Days that supervisors may choose."""

import pytest

from beneficiate.domain.retention import NEVER, RETAINED_KINDS, format_days, parse_periods
from beneficiate.errors import InvalidForm
from beneficiate.models.retention import Retention

TYPED = {"ingresos": " 30 ", "avisos": "7", "eventos": "3650", "archivos": "1", "chats": "400"}


def test_days_are_read_by_column_and_what_is_empty_is_never_deleted():
    assert parse_periods(TYPED) == {
        "chat_days": 400,
        "sign_in_days": 30,
        "notice_days": 7,
        "wompi_event_days": 3650,
        "failed_event_days": NEVER,
        "copy_days": NEVER,
        "import_days": NEVER,
        "orphan_file_days": 1,
    }
    assert (format_days(NEVER), format_days(7)) == ("", "7")


def test_defaults_are_within_the_bounds():
    row = Retention()
    for one in RETAINED_KINDS.values():
        days = getattr(row, one.column)
        assert one.least <= days <= one.most or (one.is_optional and days == NEVER), one.column


@pytest.mark.parametrize(
    ("field", "text"),
    [
        *[("ingresos", text) for text in ("6", "366", "", "-30", "treinta")],
        *[("eventos", text) for text in ("179", "3651")],
        *[("archivos", text) for text in ("0", "31", "1.5")],
        *[("chats", text) for text in ("0", "364", "3651", "nunca")],
        *[("avisos", text) for text in ("6", "")],
    ],
)
def test_days_have_bounds(field, text):
    with pytest.raises(InvalidForm) as caught:
        parse_periods({**TYPED, field: text})
    assert list(caught.value.fields) == [field]


def test_rows_are_counted_in_words():
    chats = RETAINED_KINDS["chats"]
    assert [chats.count(number) for number in (0, 1, 1312)] == [
        "0 chats cerrados",
        "1 chat cerrado",
        "1.312 chats cerrados",
    ]
