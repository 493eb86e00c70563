"""Beneficiaries: within the plan's limit, with valid details, removed only without open appointments."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from beneficiate.actions import beneficiaries
from beneficiate.actions.beneficiaries import BeneficiaryDetails, UpdateBeneficiary
from beneficiate.domain.booking.lifecycle import CANCELLED, CONFIRMED, PENDING
from beneficiate.errors import BeneficiaryLimit, Conflict, InvalidForm, NotFound, PlanRequired
from beneficiate.models.accounts import Beneficiary
from beneficiate.models.appointments import Appointment
from beneficiate.models.payments import Plan
from tests.factories import add_plan, beneficiary, member, member_with_plan, specialty, supervisor, township

NOW = datetime.now(UTC)
MATEO = BeneficiaryDetails("Mateo", "Guzmán Rojas", "TI", "1.012.345.678", "2014-08-02", "Hijo o hija")


def appointment(of, whom, **columns):
    given = {
        "ticket_number": f"APT-{whom.id:05}-2026",
        "user": of.id,
        "beneficiary": whom,
        "specialty": specialty(),
        "township": township(),
        "status": PENDING,
        "first_time": True,
        "notes": "Dolor de cabeza.",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Appointment.create(**{**given, **columns})


def test_beneficiary_is_stored_as_it_will_be_searched(act, db):
    ana = member_with_plan()
    act(beneficiaries.add_beneficiary, replace(MATEO, first_name="  Mateo   José "), ana.actor)
    row = Beneficiary.get()
    assert (row.user_id, row.first_name, row.document_number) == (ana.id, "Mateo José", "1012345678")
    assert (str(row.birth_date), row.relationship, row.removed_at) == ("2014-08-02", "Hijo o hija", None)


def test_plan_that_covers_others_must_run(act, db):
    alone, over, single = member(), member(), member()
    add_plan(over, ends_at=NOW - timedelta(days=1))
    given = {"name": "Individual", "description": "", "price": 1, "duration_days": 30, "max_beneficiaries": 0}
    add_plan(single, plan=Plan.create(code="solo", **given))
    for who in (alone, over, single):
        with pytest.raises(PlanRequired):
            act(beneficiaries.add_beneficiary, MATEO, who.actor)
    assert not Beneficiary.select().exists()


def test_removed_beneficiary_no_longer_counts_for_the_limit(act, db):
    ana = member_with_plan()
    first, *_ = [beneficiary(ana) for _ in range(4)]
    beneficiary(member_with_plan())
    with pytest.raises(BeneficiaryLimit) as refused:
        act(beneficiaries.add_beneficiary, MATEO, ana.actor)
    assert (refused.value.code, refused.value.status) == ("limit_reached", 409)
    act(beneficiaries.remove_beneficiary, first.id, ana.actor)
    act(beneficiaries.add_beneficiary, MATEO, ana.actor)
    assert Beneficiary.select().where(Beneficiary.removed_at.is_null(), Beneficiary.user == ana.id).count() == 4


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("first_name", "   "),
        ("first_name", "x" * 61),
        ("first_name", "123"),
        ("last_name", "a\u200bb"),
        ("last_name", ""),
        ("document_type", "DNI"),
        ("document_number", "0000"),
        ("document_number", "CC1012345678"),
        ("last_name", "\u3164"),
        ("birth_date", "20140802"),
        ("birth_date", "2014-W31-6"),
        ("document_number", ""),
        ("document_number", "12"),
        ("document_number", "1" * 21),
        ("document_number", "1012-34/5"),
        ("birth_date", ""),
        ("birth_date", "ayer"),
        ("birth_date", "1890-01-01"),
        ("birth_date", "2100-01-01"),
        ("relationship", ""),
        ("relationship", "Jefe"),
    ],
)
def test_each_invalid_field_has_its_sentence(act, db, field, text):
    ana = member_with_plan()
    with pytest.raises(InvalidForm) as refused:
        act(beneficiaries.add_beneficiary, replace(MATEO, **{field: text}), ana.actor)
    assert list(refused.value.fields) == [field]


def test_all_invalid_fields_are_reported_at_once(act, db):
    with pytest.raises(InvalidForm) as refused:
        act(beneficiaries.add_beneficiary, BeneficiaryDetails("", "", "", "", "", ""), member_with_plan().actor)
    assert len(refused.value.fields) == 6


def test_who_is_born_today_in_bogota_is_born(act, db):
    late = datetime(2026, 8, 26, 3, 0, tzinfo=UTC)
    ana = member_with_plan()
    act(beneficiaries.add_beneficiary, replace(MATEO, birth_date="2026-08-25"), ana.actor, late)
    with pytest.raises(InvalidForm):
        act(
            beneficiaries.add_beneficiary,
            replace(MATEO, birth_date="2026-08-26", document_number="1055555555"),
            ana.actor,
            late,
        )


def test_document_is_there_once_and_free_again_when_removed(act, db):
    ana, beto = member_with_plan(), member_with_plan()
    row, _ = act(beneficiaries.add_beneficiary, MATEO, ana.actor)
    act(beneficiaries.add_beneficiary, MATEO, beto.actor)
    for number in ("1012345678", ana.user.document_number):
        with pytest.raises(InvalidForm) as refused:
            act(beneficiaries.add_beneficiary, replace(MATEO, document_number=number, document_type="CC"), ana.actor)
        assert list(refused.value.fields) == ["document_number"]
    act(beneficiaries.remove_beneficiary, row, ana.actor)
    act(beneficiaries.add_beneficiary, MATEO, ana.actor)


@pytest.mark.parametrize("typed", ["CC71765432", "071765432", "71.765.432", "７１７６５４３２", "cédula 71765432"])
def test_own_document_is_known_however_it_is_typed(act, db, typed):
    carlos = member_with_plan(document_number="71765432")
    with pytest.raises(InvalidForm) as refused:
        act(
            beneficiaries.add_beneficiary,
            replace(MATEO, document_type="CC", document_number=typed),
            carlos.actor,
        )
    assert "su propio documento" in refused.value.fields["document_number"]


@pytest.mark.parametrize("typed", ["29/02/2012", "29 feb 2012", "29 de febrero de 2012", "2012-02-29"])
def test_date_of_birth_is_read_as_people_write_it(act, db, typed):
    act(beneficiaries.add_beneficiary, replace(MATEO, birth_date=typed), member_with_plan().actor)
    assert str(Beneficiary.get().birth_date) == "2012-02-29"


def test_details_are_corrected_with_or_without_a_plan(act, db):
    ana = member()
    row = beneficiary(ana, relationship="Nieta")
    other = beneficiary(ana)
    kept = replace(MATEO, document_number=row.document_number, relationship="Nieta")
    act(beneficiaries.update_beneficiary, UpdateBeneficiary(row.id, kept), ana.actor)
    assert Beneficiary.get_by_id(row.id).last_name == "Guzmán Rojas"
    with pytest.raises(InvalidForm):
        act(
            beneficiaries.update_beneficiary,
            UpdateBeneficiary(row.id, replace(kept, document_number=other.document_number)),
            ana.actor,
        )


def test_beneficiary_with_open_appointments_is_not_removed(act, db):
    ana = member_with_plan()
    row = beneficiary(ana)
    to_come = appointment(ana, row, status=CONFIRMED, starts_at=NOW + timedelta(days=1), duration_minutes=30)
    appointment(
        ana, row, ticket_number="APT-1", status=CONFIRMED, starts_at=NOW - timedelta(days=1), duration_minutes=30
    )
    with pytest.raises(Conflict) as refused:
        act(beneficiaries.remove_beneficiary, row.id, ana.actor)
    assert to_come.ticket_number in refused.value.sentence
    assert "APT-1 " not in refused.value.sentence
    Appointment.update(status=CANCELLED).where(Appointment.id == to_come.id).execute()
    act(beneficiaries.remove_beneficiary, row.id, ana.actor)
    assert Beneficiary.get_by_id(row.id).removed_at is not None


def test_somebody_elses_does_not_exist_and_neither_does_a_removed_one(act, db):
    ana = member_with_plan()
    foreign, gone = beneficiary(member_with_plan()), beneficiary(ana, removed_at=NOW)
    for row in (foreign, gone):
        for who in (ana, supervisor()):
            for action, command in (
                (beneficiaries.remove_beneficiary, row.id),
                (beneficiaries.update_beneficiary, UpdateBeneficiary(row.id, MATEO)),
            ):
                with pytest.raises(NotFound):
                    act(action, command, who.actor)
