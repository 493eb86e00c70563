"""The export of payments for a spreadsheet."""

import csv
import io

import pytest

from beneficiate.domain.billing.outcome import APPROVED, PENDING, VOIDED
from beneficiate.queries import payments_csv
from beneficiate.queries.payments_admin import load_payment_list
from beneficiate.queries.payments_csv import (
    CsvSlice,
    count_matching_payments,
    csv_header,
    describe_omission,
    export_payments_slice,
)
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from beneficiate.views.masking import mask_number
from beneficiate.views.payments import payment_reference
from beneficiate.views.payments_admin import PAYMENT_TABS, PaymentListQuery
from tests.actions.payment_steps import (
    DAY,
    HOUR,
    NOW,
    load_payment,
    open_checkout,
    paid_payment,
    payment_with_link,
    update_columns,
)
from tests.factories import member

WORK = UnitOfWork(SYSTEM, NOW)


@pytest.fixture
def ana(db):
    return member()


def export(query):
    """Return the whole file, read in slices."""
    text, position = csv_header(), None
    while True:
        part = export_payments_slice(WORK, CsvSlice(query, position))
        text, position = text + part.text, part.last
        if position is None:
            return text


def lines(tab="todos", text="", **more):
    """Return the rows of the export as a spreadsheet reads them."""
    whole = export(PaymentListQuery(tab, text, **more))
    return list(csv.reader(io.StringIO(whole.removeprefix("\ufeff"), newline=""), delimiter=";"))


def test_export_is_what_a_spreadsheet_in_colombia_opens(act, ana):
    payment_id = paid_payment(act, ana, now=NOW)
    text = export(PaymentListQuery("aprobados"))
    assert text.startswith("\ufeffReferencia;Afiliado;")
    assert text.endswith("\r\n")
    assert text.count("\r\n") == text.count("\n") == 2
    assert lines("aprobados")[1] == [
        payment_reference(payment_id),
        ana.user.name,
        f"CC {mask_number(ana.user.document_number)}",
        "Plan Family",
        "480000",
        "COP",
        "Aprobado",
        "2026-11-23 08:00",
        "2026-11-23 08:00",
        load_payment(payment_id).link_id,
        load_payment(payment_id).paid_by,
    ]


def test_missing_value_is_an_empty_cell_and_an_export_may_have_no_rows(act, ana):
    open_checkout(act, ana)
    assert lines("en-curso")[1][8:] == ["", "", ""]
    assert len(lines("aprobados")) == 1


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =1",
        "\u00a0=1",
        "＝1",
        "＋1",
        "－1",
        "＠A1",
        "'=1",
        "\u200b=1",
        '=HYPERLINK("x";"y")',
    ],
)
def test_name_is_never_read_as_a_formula(act, db, name):
    payment_with_link(act, member(name, last_name="X"))
    (row,) = lines()[1:]
    assert row[1][0] == "'"
    assert row[1].lstrip("' ").endswith(f"{name.strip()} X".lstrip("'"))


def test_separators_quotes_and_line_ends_stay_in_their_cell(act, db):
    payment_with_link(act, member('Ana; "la" \r\n Ruiz', last_name="X"))
    (row,) = lines()[1:]
    assert (len(row), row[1]) == (11, 'Ana; "la"   Ruiz X')


def test_export_has_the_same_payments_as_the_list(act, db):
    for status in (PENDING, APPROVED, APPROVED, VOIDED):
        update_columns(payment_with_link(act, member()), status=status)
    for tab in PAYMENT_TABS:
        assert len(lines(tab)) - 1 == len(load_payment_list(WORK, PaymentListQuery(tab)).rows), tab
    assert len(lines("nada")) == 5
    assert len(lines("aprobados", member().user.email)) == 1


def test_export_says_what_it_leaves_out(act, db, monkeypatch):
    for hours in range(3):
        payment_with_link(act, member(), now=NOW + hours * HOUR)
    found = count_matching_payments(PaymentListQuery("todos"))
    assert (found, describe_omission(found)) == (3, "")
    monkeypatch.setattr(payments_csv, "MAX_CSV_ROWS", 2)
    assert describe_omission(found).startswith("Faltan 1 pagos más antiguos")
    assert describe_omission(count_matching_payments(PaymentListQuery("aprobados"))) == ""


@pytest.mark.parametrize("slice_rows", [1, 2, 3, 100])
def test_slices_have_every_payment_once_also_those_of_one_moment(act, db, slice_rows, monkeypatch):
    monkeypatch.setattr(payments_csv, "CSV_SLICE_ROWS", slice_rows)
    ids = {payment_with_link(act, member(), now=NOW + (number // 3) * HOUR) for number in range(6)}
    text = export(PaymentListQuery("todos"))
    references = [row[0] for row in csv.reader(io.StringIO(text, newline=""), delimiter=";")][1:]
    assert len(references) == 6
    assert set(references) == set(map(payment_reference, ids))


def test_times_are_those_of_bogota(act, db):
    # 23:30 UTC on the 23rd is 18:30 in Bogotá, and 04:30 UTC on the 24th is 23:30 of the day before.
    for hours, text in ((10.5, "2026-11-23 18:30"), (15.5, "2026-11-23 23:30")):
        payment_id = payment_with_link(act, member(), now=NOW + hours * HOUR)
        assert [row[7] for row in lines() if row[0] == payment_reference(payment_id)] == [text]


def test_export_is_of_the_days_that_were_asked_for(act, db):
    for days in range(4):
        payment_with_link(act, member(), now=NOW + days * DAY)
    since, until = (NOW + DAY).date(), (NOW + 2 * DAY).date()
    assert [row[7][:10] for row in lines(since=since, until=until)[1:]] == [until.isoformat(), since.isoformat()]
