"""Whole dialogues, written as scripts.

`Ana: text` types, `Ana: [label]` presses the button of the last reply that has it, `Ana: (vuelve)` connects again.
`Bot: one / two [A] [B]` expects both fragments, in this order, with exactly these buttons; a star, `Bot*:`, is a list.
`Registro: TICKET`, `Registro: TICKET confirmada` and `Registro: reason` are the caller that makes the booking.
"""

import re

import pytest

from beneficiate.domain.bot.dialogue import advance_dialogue, reply_booked, reply_refused, start_dialogue
from tests.domain.bot.fake_choices import FakeChoices, through_storage, to_answer

CONTACTED = """
Bot: le ayudo a pedir una cita / Para quién / número de documento / «agente» \
[Ana Guzmán Rojas] [Mateo Guzmán Rojas] [Otra persona]
Ana: CC 52.123.456
Bot: Ana / ¿En qué ciudad [En Bogotá D.C.] [En otra ciudad]
Ana: [En Bogotá D.C.]
Bot*: ¿Qué especialidad
Ana: cardio
Bot*: Elija la especialidad [Cardiología] [Cardiología pediátrica]
Ana: [Cardiología]
Bot: primera vez [Primera vez] [Control]
Ana: primera ves
Bot: motivo [Prefiero no decirlo]
Ana: Me canso mucho al subir escaleras
Bot: próximos horarios / lo contactemos [jue 26 de noviembre, 8:00 a. m., con Germán Cifuentes] \
[jue 26 de noviembre, 8:40 a. m., con Germán Cifuentes] [jue 26 de noviembre, 9:20 a. m., con Germán Cifuentes] \
[Más horarios] [Otro día] [Que me contacten]
Ana: que me contacten
Bot: Resumen / Ana Guzmán Rojas / Bogotá D.C. / Cardiología / Primera vez / Me canso mucho / lo contactamos [Sí] [No]
Ana: sí, por favor
Registro: APT-7K2QX-0481
Bot: Ana / registrada exitosamente / APT-7K2QX-0481 [Pedir otra cita]
Ana: Sí
Bot: APT-7K2QX-0481 [Pedir otra cita]
Ana: hola
Bot: le ayudo a pedir una cita / número de documento [Ana Guzmán Rojas] [Mateo Guzmán Rojas] [Otra persona]
"""

WITH_A_TIME = """
Bot: número de documento [Ana Guzmán Rojas] [Mateo Guzmán Rojas] [Otra persona]
Ana: Mateo
Bot: Mateo / Escriba el nombre de la ciudad []
Ana: bogta
Bot*: Anotado: Bogotá D.C. / especialidad
Ana: cardiologo
Bot*: Elija [Cardiología]
Ana: si
Bot: control [Primera vez] [Control]
Ana: control
Bot: motivo [Prefiero no decirlo]
Ana: Control después del cateterismo
Bot: horarios
Ana: 8:40
Bot: Resumen / Mateo / Control / jue 26 de noviembre, 8:40 a. m., con Germán Cifuentes [Sí] [No]
Ana: [Sí]
Registro: APT-7K2QX-0482 confirmada
Bot: Mateo / confirmada / 8:40 a. m. / APT-7K2QX-0482 [Pedir otra cita]
Ana: [Pedir otra cita]
Bot: número de documento [Ana Guzmán Rojas] [Mateo Guzmán Rojas] [Otra persona]
"""

ANOTHER_CITY = """
Bot: documento
Ana: 52123456
Bot: ciudad [En Bogotá D.C.] [En otra ciudad]
Ana: en otra ciudad
Bot: Escriba el nombre de la ciudad []
Ana: albania
Bot*: Elija la ciudad [Albania (Caquetá)] [Albania (La Guajira)] [Albania (Santander)]
Ana: la de caquetá
Bot*: especialidad
Ana: medicina
Bot*: [Medicina general] [Medicina interna]
Ana: volver
Bot*: ¿Qué especialidad
Ana: dermatologia
Bot: [Primera vez] [Control]
Ana: [Primera vez]
Bot: motivo
Ana: Una mancha en la piel
Bot: Resumen / Albania (Caquetá) / Dermatología / Una mancha / No hay cupos en línea para Dermatología en Albania \
[Sí] [No]
Ana: no
Bot: ¿Qué desea cambiar? [El paciente] [La ciudad] [La especialidad] [El tipo de cita] [El motivo] \
[Nada, volver al resumen]
Ana: la ciudad
Bot: ¿En qué ciudad [En Bogotá D.C.] [En otra ciudad]
Ana: cali
Bot: Resumen / Santiago de Cali / Una mancha en la piel [Sí] [No]
Ana: [Sí]
Registro: APT-7K2QX-0483
Bot: registrada exitosamente
"""

CUT_OFF = """
Bot: documento
Ana: (vuelve)
Bot: le ayudo a pedir una cita / documento [Ana Guzmán Rojas] [Mateo Guzmán Rojas] [Otra persona]
Ana: 52123456
Bot: [En Bogotá D.C.] [En otra ciudad]
Ana: (vuelve)
Bot: Retomemos / la ciudad / ¿En qué ciudad [En Bogotá D.C.] [En otra ciudad]
Ana: [En Bogotá D.C.]
Bot*: especialidad
Ana: (vuelve)
Bot*: Retomemos / la especialidad / ¿Qué especialidad
Ana: medicina
Bot*: [Medicina general] [Medicina interna]
Ana: (vuelve)
Bot*: Retomemos / Elija la especialidad [Medicina general] [Medicina interna]
Ana: interna
Bot: [Primera vez] [Control]
Ana: (vuelve)
Bot: Retomemos / tipo de cita [Primera vez] [Control]
Ana: [Control]
Bot: motivo [Prefiero no decirlo]
Ana: (vuelve)
Bot: Retomemos / motivo [Prefiero no decirlo]
Ana: Revisión anual
Bot: Resumen
Ana: (vuelve)
Bot: Resumen / Medicina interna / Retomemos / confirmación [Sí] [No]
Ana: [Sí]
Registro: APT-7K2QX-0484
Bot: APT-7K2QX-0484
Ana: (vuelve)
Bot: APT-7K2QX-0484 [Pedir otra cita]
"""

IN_DANGER = """
Bot: documento
Ana: 52123456
Bot: ciudad
Ana: [En Bogotá D.C.]
Bot*: especialidad
Ana: cardiología
Bot: control
Ana: primera
Bot: motivo
Ana: Tengo un dolor fuerte en el PÉCHO y no puedo respirra
Bot: Si es una urgencia, llame al 123 / persona [Hablar con una persona] [Continuar con la solicitud]
Ana: continuar
Bot: horarios
Ana: ninguno
Bot: Resumen / dolor fuerte en el PÉCHO [Sí] [No]
"""

TAKEN = """
Bot: documento
Ana: 52123456
Bot: ciudad
Ana: [En Bogotá D.C.]
Bot*: especialidad
Ana: cardiología
Bot: control
Ana: [Control]
Bot: motivo
Ana: Revisión del marcapasos
Bot: horarios
Ana: 1
Bot: Resumen / 8:00 a. m.
Ana: [Sí]
Registro: slot_taken
Bot: se acaba de ocupar / próximos horarios
Ana: [Que me contacten]
Bot: Resumen / lo contactamos
Ana: [Sí]
Registro: patient_gone
Bot: ya no está entre sus beneficiarios / documento [Ana Guzmán Rojas] [Mateo Guzmán Rojas] [Otra persona]
Ana: 1020304050
Bot: Resumen / Mateo / Revisión del marcapasos [Sí] [No]
Ana: [Sí]
Registro: plan_ended
Bot: plan activo / /planes []
"""

LOST = """
Bot: documento
Ana: 99
Bot: No encontramos ese documento / Para quién [Ana Guzmán Rojas] [Mateo Guzmán Rojas] [Otra persona]
Ana: 79456123
Bot: No encontramos ese documento / Para quién [Ana Guzmán Rojas] [Mateo Guzmán Rojas] [Otra persona]
Ana: no me acuerdo del número
Bot: No encontramos ese documento / persona [Hablar con una persona] [Continuar con la solicitud]
Ana: 52123456
Bot: Ana / ciudad [En Bogotá D.C.] [En otra ciudad]
Ana: ¡AYUDA!
Bot: Necesitamos la ciudad / ¿En qué ciudad / «cancelar» [En Bogotá D.C.] [En otra ciudad]
Ana: Agente
Bot: Le comunicamos con una persona []
Ana: (vuelve)
Bot: Retomemos / ciudad [En Bogotá D.C.] [En otra ciudad]
Ana: cancelar
Bot: cancelada / «hola» []
Ana: hola
Bot: documento [Ana Guzmán Rojas] [Mateo Guzmán Rojas] [Otra persona]
"""

PLAYS = (CONTACTED, WITH_A_TIME, ANOTHER_CITY, CUT_OFF, IN_DANGER, TAKEN, LOST)


@pytest.mark.parametrize("play", PLAYS)
def test_play(play):
    clinic = FakeChoices()
    turn = start_dialogue(clinic)
    for line in play.strip().split("\n"):
        who, typed = (part.strip() for part in line.split(":", 1))
        if who == "Ana" and typed == "(vuelve)":
            turn = start_dialogue(clinic, through_storage(turn.draft))
        elif who == "Ana":
            turn = advance_dialogue(through_storage(turn.draft), to_answer(turn, typed), clinic)
        elif who == "Registro":
            turn = register(turn, typed, clinic)
        else:
            answer(turn, typed, is_list=who == "Bot*")


def register(turn, typed, clinic):
    assert turn.booking is not None
    draft = through_storage(turn.draft)
    if typed.startswith("APT-"):
        return reply_booked(draft, typed.split()[0], is_confirmed=typed.endswith("confirmada"))
    return reply_refused(draft, typed, clinic)


def answer(turn, typed, *, is_list):
    reply = turn.reply
    text, _, buttons = typed.partition("[")
    message = reply.message
    for fragment in filter(None, (part.strip() for part in text.split(" / "))):
        assert fragment in message, f"{fragment!r} is not (or not in this order) in {reply.message!r}"
        message = message.split(fragment, 1)[1]
    if buttons:
        assert [choice.label for choice in reply.choices] == re.findall(r"\[([^\]]+)\]", f"[{buttons}")
    assert reply.is_list == is_list
    assert turn.booking is None
