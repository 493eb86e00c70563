"""Values of the old service in our form; what cannot be read is refused, never guessed."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.legacy.values import (
    Refused,
    complete_township_code,
    fold_word,
    parse_amount,
    parse_birth_date,
    parse_count,
    parse_document,
    parse_weekday,
    repair_line,
    repair_text,
    to_instant,
    to_minutes,
)

TODAY = date(2026, 5, 4)
SPANISH = st.text("abcdefghijklmnopqrstuvwxyzáéíóúüñÁÉÍÓÚÑ¿?¡!,.;:0123456789 ", min_size=1)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
@pytest.mark.parametrize("text", ["José Peña", "¿Cuándo es mi cita?", "Bogotá, mañana a las 8", "Güiza «bien»"])
def test_utf8_that_was_read_as_another_encoding_is_repaired(text, encoding):
    assert repair_text(text.encode().decode(encoding, errors="ignore")) in (text, text.replace("»", ""))
    assert repair_text(text.encode().decode("latin-1")) == text


@pytest.mark.parametrize(
    "text",
    [
        "José",
        "“comillas”",
        "ﬁn",
        "1 &lt; 2",
        "línea\r\notra",
        "\x1b[1mx",
        "a\u00a0b",
        "ＡＢ",
        "Ñ",
        "30° – 40 €",
        "Ø å ß",
    ],
)
def test_correct_text_is_not_changed(text):
    assert repair_text(text) == text


@given(SPANISH)
def test_spanish_is_not_changed(text):
    assert repair_text(text) == text


def test_nothing_is_an_empty_text():
    assert (repair_text(None), repair_line("  a \n b "), fold_word("Cédula de  Ciudadanía.")) == (
        "",
        "a b",
        "ceduladeciudadania",
    )


def test_time_has_the_zone_that_is_said():
    plain = datetime.fromisoformat("2024-02-03 10:00")
    assert to_instant(plain, UTC) == datetime(2024, 2, 3, 10, tzinfo=UTC)
    assert to_instant(plain, ZoneInfo("America/Bogota")) == datetime(2024, 2, 3, 15, tzinfo=UTC)
    assert to_instant(date(2024, 2, 3), UTC) == datetime(2024, 2, 3, tzinfo=UTC)
    for impossible in (None, "2024-01-01", datetime.fromisoformat("0001-01-01"), date(9999, 12, 31)):
        assert to_instant(impossible, ZoneInfo("America/Bogota")) is None


@pytest.mark.parametrize(
    "text", ["1984-03-14", "14/3/1984", "14-03-1984", "1984-03-14T00:00:00.000Z", "1984-03-14 05:00:00"]
)
def test_birth_date_is_iso_or_day_first(text):
    assert parse_birth_date(text, TODAY) == (date(1984, 3, 14), True)


@pytest.mark.parametrize("text", ["84-03-14", "2027-01-01", "1890-01-01", "31/02/2000", "ayer", "03/14/1984", "5"])
def test_birth_date_that_is_none_is_not_guessed(text):
    assert parse_birth_date(text, TODAY) == (None, False)


def test_empty_birth_date_is_no_loss():
    assert parse_birth_date(" ", TODAY) == parse_birth_date(None, TODAY) == (None, True)


@pytest.mark.parametrize(
    ("kind", "number", "stored"),
    [
        ("C.C.", "52.123.456", ("CC", "52123456")),
        ("cÃ©dula", "52123456 ", ("CC", "52123456")),
        ("Tarjeta de Identidad", "1002003004", ("TI", "1002003004")),
        ("PASAPORTE", "ab 12345", ("PASSPORT", "AB12345")),
        ("Cédula extranjería", "123456", ("CE", "123456")),
        ("otro", "X-1234", ("OTHER", "X1234")),
    ],
)
def test_document_of_any_spelling(kind, number, stored):
    assert parse_document(kind, number) == stored


@pytest.mark.parametrize(("kind", "number"), [("", "1"), ("cc", ""), ("cc", "5.2E+07"), ("cc", "abc"), (None, None)])
def test_document_that_is_none_is_refused(kind, number):
    with pytest.raises(Refused):
        parse_document(kind, number)


def test_township_code_gets_its_zero_back():
    codes = {"5001": "05001", " 05001 ": "05001", "11001": "11001", 5001: "05001"}
    assert {code: complete_township_code(code) for code in codes} == codes
    assert {complete_township_code(one) for one in ("", None, "001", "123456", "5O01")} == {""}


def test_amount_is_in_whole_pesos_and_exact_cents():
    assert parse_amount(Decimal("59900.00")) == (59900, 5990000)
    assert parse_amount("59900.50") == (59901, 5990050)
    for impossible in ("NaN", "Infinity", "-1", "x", None, "1e12"):
        with pytest.raises(Refused):
            parse_amount(impossible)


def test_counts_weekdays_and_minutes():
    assert [parse_count(one, 5) for one in (0, 5, 6, -1, None, "3", True)] == [0, 5, None, None, None, None, None]
    assert [parse_weekday(one) for one in ("Lunes", "MIÉRCOLES", "sunday ", "sÃ¡bado", "x")] == [0, 2, 6, 5, None]
    assert [to_minutes(one) for one in (time(8, 30), time(23, 59, 59), None, "08:00")] == [510, 1440, None, None]


def test_emoji_are_repaired_too():
    assert repair_text("Gracias 🙏 ❤️".encode().decode("latin-1")) == "Gracias 🙏 ❤️"
