"""Supervisors who give the same name at once: one has it, the others are told so beside the field."""

import threading
from datetime import UTC, datetime

import pytest

from beneficiate.actions.canned_replies import SaveCannedReply, save_canned_reply
from beneficiate.actions.plans_admin import SavePlan, save_plan
from beneficiate.actions.professionals import SaveProfessional, save_professional
from beneficiate.actions.specialties import SaveSpecialty, save_specialty
from beneficiate.actions.topics import SaveTopic, save_topic
from beneficiate.errors import Conflict, InvalidForm
from beneficiate.models.base import database, write_transaction
from beneficiate.queries.professionals import load_professional
from beneficiate.unit_of_work import UnitOfWork
from tests.factories import supervisor
from tests.unit_of_work import UNLIMITED

THREADS = 6
PLAN = {"precio": "90000", "dias": "30", "personas": "4"}
PERSON = {"nombres": "Ana", "apellidos": "Ruiz", "licencia": "RM-900", "municipio": "medellin", "direccion": "Calle 1"}
# Names that are compared without accents and capitals are not the same for the database.
NAMES = ["Ortesis", "ÓRTESIS"]


def create_reply(name, shown):
    return save_canned_reply, SaveCannedReply("ortesis", name, "Hola")


def create_topic(name, shown):
    return save_topic, SaveTopic(0, 0, {"nombre": name, "estado": "activo"})


def create_specialty(name, shown):
    return save_specialty, SaveSpecialty(0, 0, {"nombre": name, "estado": "activo"})


def create_plan(name, shown):
    return save_plan, SavePlan(0, 0, {**PLAN, "nombre": name, "estado": "activo"})


def create_professional(name, shown):
    return save_professional, SaveProfessional(0, 0, {**shown, **PERSON})


@pytest.mark.parametrize("create", [create_reply, create_topic, create_specialty, create_plan, create_professional])
def test_one_of_many_at_once_has_the_name(db, create):
    marta = supervisor("Marta")
    _, shown = load_professional(UnitOfWork(marta.actor, datetime.now(UTC)), 0)
    ready, results = threading.Barrier(THREADS), []

    def run(number):
        action, command = create(NAMES[number % 2], shown.values)
        ready.wait()
        try:
            with write_transaction():
                action(UnitOfWork(marta.actor, datetime.now(UTC), UNLIMITED), command)
            results.append("created")
        except (InvalidForm, Conflict):
            results.append("taken")
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["created", *["taken"] * (THREADS - 1)]
