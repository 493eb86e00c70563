"""Where the rows of an alert are listed."""

from datetime import UTC, datetime

from beneficiate.views.board_alerts import build_alert_address

NOW = datetime(2026, 11, 25, 15, tzinfo=UTC)


def test_address_has_the_rows_or_what_finds_them_again():
    at = "2026-11-25T15%3A00%3A00.000000Z"
    assert build_alert_address("late", NOW, (9, 4), "") == f"/supervisor/tablero/alerta?clase=late&hasta={at}&filas=9,4"
    assert build_alert_address("soon", NOW, (), "pagos") == (
        f"/supervisor/tablero/alerta?clase=soon&hasta={at}&tema=pagos"
    )
