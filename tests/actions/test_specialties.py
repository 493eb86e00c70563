"""Specialties are added, renamed and deactivated; who asks for an appointment sees it at once."""

import json

import pytest

from beneficiate.actions import specialties as actions
from beneficiate.actions.appointment_requests import request_appointment
from beneficiate.errors import InvalidForm, NotFound, OutdatedForm
from beneficiate.models.audit import AuditEntry
from beneficiate.models.professionals import Specialty
from beneficiate.queries.catalogue import list_specialties
from beneficiate.queries.catalogue_search import search_specialties
from beneficiate.unit_of_work import UnitOfWork
from tests.actions.appointment_steps import NOW, request_command
from tests.factories import agent, member_with_plan, specialty, supervisor


@pytest.fixture
def save(act, db):
    marta = supervisor("Marta")

    def do(specialty_id=0, version=1, who=marta, **typed):
        command = actions.SaveSpecialty(specialty_id, version, {"estado": "activo", **typed})
        return act(actions.save_specialty, command, who.actor, NOW)[0]

    return do


def wrong_fields(save, *args, **typed):
    with pytest.raises(InvalidForm) as caught:
        save(*args, **typed)
    return list(caught.value.fields)


def found(text):
    return [row["label"] for row in search_specialties(UnitOfWork(supervisor().actor, NOW), text)]


def test_new_name_is_found_at_once(save):
    new_id = save(nombre=" Medicina  deportiva ")
    assert found("deportiva") == ["Medicina deportiva"]
    save(new_id, nombre="Medicina del deporte")
    assert found("medicina del deporte")[0] == "Medicina del deporte"
    assert "Medicina deportiva" not in found("medicina deportiva")
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (entry.what, json.loads(entry.before)) == ("specialties.save", {"name": "Medicina deportiva"})


def test_inactive_one_is_offered_to_nobody_and_keeps_its_appointments(act, save):
    ana, cardiology = member_with_plan(), specialty()
    kept = act(request_appointment, request_command(ana), ana.actor, NOW)[0]
    save(cardiology.id, nombre=cardiology.name, estado="inactivo")
    assert cardiology.name not in [row["name"] for row in list_specialties(UnitOfWork(ana.actor, NOW))]
    assert cardiology.name not in found("cardiologia")
    with pytest.raises(NotFound):
        act(request_appointment, request_command(member_with_plan()), ana.actor, NOW)
    assert kept.specialty_name == cardiology.name
    save(cardiology.id, 2, nombre=cardiology.name)
    assert cardiology.name in found("cardiologia")


def test_names_are_needed_and_unique(save):
    assert wrong_fields(save, nombre="CARDIOLOGIA") == ["nombre"]
    assert wrong_fields(save, nombre="") == ["nombre"]
    assert wrong_fields(save, nombre="x" * 61) == ["nombre"]
    assert wrong_fields(save, specialty().id, nombre="Cardiología", estado="?") == ["estado"]
    with pytest.raises(InvalidForm) as caught:
        save(nombre="😀😀")
    assert caught.value.fields == {"nombre": "Escriba el nombre con letras."}


def test_old_version_unknown_one_and_others_are_refused(save):
    new_id = save(nombre="Medicina deportiva")
    save(new_id, nombre="Medicina del deporte")
    with pytest.raises(OutdatedForm):
        save(new_id, 1, nombre="Deporte")
    with pytest.raises(NotFound):
        save(99999, nombre="Nada")
    with pytest.raises(NotFound):
        save(who=agent(), nombre="Nada")


def test_there_are_so_many_and_no_more(save, monkeypatch):
    monkeypatch.setattr(actions, "MAX_SPECIALTIES", Specialty.select().count())
    assert wrong_fields(save, nombre="Una más") == ["nombre"]
