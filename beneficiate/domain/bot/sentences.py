"""Every sentence and button of the bot."""

from beneficiate.domain.booking.presentation import CONFIRMED_BY_HAND
from beneficiate.domain.bot.drafts import BookingDraft, DialogueState

WELCOME = "Hola, le ayudo a pedir una cita médica."
COMMANDS_HINT = "En cualquier momento puede escribir «volver», «cancelar», «ayuda» o «agente»."
ASK_PATIENT = "¿Para quién es la cita? También puede escribir el número de documento."
OTHER_PATIENT_HINT = (
    "Solo podemos pedir citas para usted y para sus beneficiarios. Si su plan lo permite, agregue a esa persona en "
    "«Mi cuenta». Si ya está en su plan, escriba su número de documento."
)
UNUSABLE_DOCUMENT = (
    "No encontramos ese documento entre los suyos y los de sus beneficiarios. "
    "Revise el número y escríbalo de nuevo, por favor."
)
FOUND_PATIENT = "Gracias. La cita es para {}."
ASK_CITY = "¿En qué ciudad necesita la cita?"
ASK_CITY_NAME = "Escriba el nombre de la ciudad o el municipio donde necesita la cita."
CHOOSE_CITY = "Elija la ciudad. Si no está en la lista, escriba otra."
NO_CITY = "No encontramos un municipio parecido a «{}». Escriba el nombre de nuevo, por favor."
ASK_SPECIALTY = "¿Qué especialidad necesita? Elíjala de la lista, o escriba su nombre o lo que siente."
CHOOSE_SPECIALTY = "Elija la especialidad. Si no está en la lista, escriba otra."
USUAL_SPECIALTY = "Para eso suele atender {}. Elija la especialidad, o escriba otra."
NOTED = "Anotado: {}."
CHOOSE_OWN_SPECIALTY = "Elija la especialidad en la que lo atenderá {}."
NO_SPECIALTY = "No encontramos una especialidad parecida a «{}». Escríbala de nuevo, por favor."
ASK_VISIT_TYPE = "¿Es la primera vez o es un control?"
# A sensitive datum: who asks for it says so, and that nobody has to give it (Decreto 1377 de 2013, article 6).
ASK_DESCRIPTION = (
    "Cuéntenos en pocas palabras el motivo de la cita. Es un dato de salud, que es sensible: usted decide si lo da, y "
    "sin él pide la cita igual. Si lo escribe, autoriza a Beneficiate a guardarlo para pedir y atender sus citas; "
    "puede retirar la autorización cuando quiera en /mi/datos."
)
"""The text of `templates/account/consent_v1-chat.html`: whoever answers with a reason consents to it."""
NO_REASON_LABEL = "Prefiero no decirlo"
SHORT_DESCRIPTION = "Cuéntenos un poco más, por favor: el motivo debe tener al menos 3 caracteres."
LONG_DESCRIPTION = "El motivo es muy largo: puede tener hasta 1.000 caracteres. Escríbalo más corto, por favor."
ASK_SLOT = (
    "Estos son los próximos horarios libres. Elija uno, escriba qué día y a qué hora le sirve («el miércoles por la "
    "tarde»), o pida que lo contactemos para acordarlo."
)
ASK_SLOT_PROFESSIONAL = "¿Con quién desea la cita?"
NO_MORE_SLOTS = "No hay más horarios así. Estos son los primeros que hay."
NO_SLOT_THAT_DAY = "El {} no hay cupos. Estos son los siguientes."
ASK_CONFIRMATION = "¿Está todo correcto?"
ASK_CHANGE = "¿Qué desea cambiar?"
NOT_UNDERSTOOD = "Disculpe, no le entendimos."
OFFER_PERSON = "¿Prefiere hablar con una persona de nuestro equipo?"
CALL_123 = "Si es una urgencia, llame al 123."
EMERGENCY = f"{CALL_123} ¿Desea hablar ya con una persona de nuestro equipo?"
STALE_BUTTON = "Ese botón era de una pregunta anterior. Por favor responda esta."
EMPTY_ANSWER = "No recibimos ningún texto."
FIRST_STEP = "Este es el primer paso."
RESUMED = "Retomemos su solicitud donde la dejó: {}."
HANDED_OVER = "Con gusto. Le comunicamos con una persona de nuestro equipo, que verá lo que ya nos contó."
BOOKING_CANCELLED = "Listo, la solicitud quedó cancelada. Cuando quiera pedir una cita, escríbanos «hola»."
NEEDS_PLAN = "Para pedir citas necesita un plan activo. Puede conocer y contratar los planes en /planes."
REGISTERING = "Estamos registrando su solicitud."
BOOKED = (
    "La solicitud de cita para {patient} quedó registrada exitosamente. Su número es {ticket}. "
    "Lo contactaremos para acordar el horario."
)
BOOKED_TO_BE_CONFIRMED = (
    "La solicitud de cita para {patient} quedó registrada exitosamente: {slot}. Su número es {ticket}. "
    "Le avisaremos cuando el profesional la confirme."
)
BOOKED_CONFIRMED = "La cita de {patient} quedó confirmada: {slot}. Su número es {ticket}."
PLACE = "Lugar: {}."
ALREADY_BOOKED = "Su solicitud ya quedó registrada con el número {}. No hace falta hacer nada más."
BOOKED_CANNOT_CANCEL = (
    "Su solicitud ya quedó registrada con el número {}. Si ya no necesita la cita, escriba «agente» y le ayudamos."
)
SLOT_TAKEN = "Ese horario se acaba de ocupar."
NO_ONLINE_SLOTS = (
    "No hay cupos en línea para {} en {} en este momento: si confirma, lo contactaremos para acordar el horario."
)
SLOTS_AFTER_PLAN = (
    "Los próximos cupos en línea para {} en {} son después del {}, cuando termina su plan. Renuévelo en /planes para "
    "elegir uno; si confirma así, lo contactaremos para acordar el horario."
)
NO_MORE_SLOTS_IN_PLAN = (
    "Su plan termina el {}: hasta ese día no hay más horarios así. Puede renovarlo en /planes. Estos son los primeros "
    "que hay."
)
AFTER_PLAN = "Su plan termina antes de ese día. Puede renovarlo en /planes."
NOTHING_TO_MOVE = (
    "No tiene citas con horario que pueda mover por aquí: se puede hasta {} horas antes. Si necesita ayuda, escriba "
    "«agente»."
)
ASK_APPOINTMENT = "¿Qué cita desea mover?"
MOVING = "Vamos a mover la cita de {} para {}: {}."
ASK_NEW_SLOT = (
    "Estos son los próximos horarios libres. Elija uno, o escriba qué día y a qué hora le sirve («el miércoles por la "
    "tarde»)."
)
NO_NEW_SLOTS = "No hay otros horarios libres en línea para {} en {}. Su cita queda como está."
NEW_SLOTS_AFTER_PLAN = (
    "Los otros horarios de {} en {} son después del {}, cuando termina su plan. Renuévelo en /planes para elegir uno. "
    "Por ahora su cita queda como está."
)
REGISTERING_MOVE = "Estamos moviendo su cita."
MOVED = "Listo: la cita de {patient} quedó para el {slot}. Su número sigue siendo {ticket}."
MOVED_TO_BE_CONFIRMED = (
    "Listo: la cita de {patient} quedó para el {slot}. Su número sigue siendo {ticket}. Le avisaremos cuando el "
    "profesional la confirme."
)
MOVE_LEFT = "Listo, su cita queda como estaba."
PATIENT_BUSY = "El paciente ya tiene otra cita a esa hora."
PATIENT_GONE = "Ese paciente ya no está entre sus beneficiarios."
PROFESSIONAL_GONE = "Ese profesional no está disponible en este momento."
WITH_PROFESSIONAL = "La cita será con {}."

OWN_CITY = "En {}"
OTHER_CITY = "En otra ciudad"
FIRST_TIME = "Primera vez"
CONTROL = "Control"
MOVE_APPOINTMENT = "Mover una cita que ya tengo"
KEEP_APPOINTMENT = "Dejarla como está"
CONTACT_ME = "Que me contacten"
OTHER_PATIENT = "Otra persona"
MORE_SPECIALTIES = "Ver más especialidades"
FIRST_SPECIALTIES = "Volver al principio de la lista"
MORE_SLOTS = "Más horarios"
ANOTHER_DAY = "Otro día"
ANOTHER_PROFESSIONAL = "Otro profesional"
ANY_PROFESSIONAL = "Con cualquiera"
YES_LABEL = "Sí"
NO_LABEL = "No"
TALK_TO_PERSON = "Hablar con una persona"
CONTINUE_BOOKING = "Continuar con la solicitud"
NEW_BOOKING = "Pedir otra cita"
CHANGE_PATIENT = "El paciente"
CHANGE_CITY = "La ciudad"
CHANGE_SPECIALTY = "La especialidad"
CHANGE_PROFESSIONAL = "El profesional"
CHANGE_VISIT_TYPE = "El tipo de cita"
CHANGE_DESCRIPTION = "El motivo"
CHANGE_SLOT = "El horario"
CHANGE_NOTHING = "Nada, volver al resumen"

STATE_NAMES: dict[DialogueState, str] = {
    "awaiting_document": "el paciente",
    "awaiting_city_selection": "la ciudad",
    "awaiting_specialty_search": "la especialidad",
    "awaiting_specialty_selection": "la especialidad",
    "awaiting_visit_type": "el tipo de cita",
    "awaiting_description": "el motivo de la cita",
    "awaiting_slot_selection": "el horario",
    "confirmation": "la confirmación",
    "completed": "la solicitud registrada",
    "awaiting_appointment_selection": "la cita que desea mover",
    "awaiting_new_slot_selection": "el nuevo horario",
    "move_confirmation": "la confirmación del nuevo horario",
}
"""The name of each step, after "Retomemos su solicitud donde la dejó"."""

HELP: dict[DialogueState, str] = {
    "awaiting_document": "Toque el nombre del paciente, o escriba su documento, con o sin puntos.",
    "awaiting_city_selection": "Necesitamos la ciudad para buscar profesionales cercanos. Puede escribirla sin tildes.",
    "awaiting_specialty_search": "Elija una de la lista, o escriba el nombre como lo recuerde o lo que siente.",
    "awaiting_specialty_selection": "Toque una de las especialidades de la lista o escriba otra.",
    "awaiting_visit_type": "Es control si un profesional de esta especialidad ya vio al paciente por el mismo motivo.",
    "awaiting_description": "El motivo le ayuda al profesional a preparar la cita. Use entre 3 y 1.000 caracteres.",
    "awaiting_slot_selection": "Puede escribir un día y una hora: «mañana después de las 3», «el 5 de diciembre».",
    "confirmation": "Responda «Sí» para registrar la solicitud o «No» para cambiar algo.",
    "completed": "La solicitud ya está registrada. Puede pedir otra cita o escribir «agente».",
    "awaiting_appointment_selection": "Toque la cita que desea mover. Con «cancelar» queda como está.",
    "awaiting_new_slot_selection": "Puede escribir un día y una hora: «mañana después de las 3», «el 5 de diciembre».",
    "move_confirmation": "Responda «Sí» para mover la cita o «No» para elegir otro horario.",
}


def booking_summary(draft: BookingDraft) -> str:
    """Return a summary of all answers, one per line."""
    lines = [
        "Resumen de la solicitud",
        f"Paciente: {draft.patient.name if draft.patient else ''}",
        f"Ciudad: {draft.city.name if draft.city else ''}",
        f"Especialidad: {draft.specialty.name if draft.specialty else ''}",
        f"Tipo de cita: {FIRST_TIME if draft.first_time else CONTROL}",
        f"Motivo: {draft.description}",
    ]
    if draft.professional is not None and draft.slot is None:
        lines.append(f"Profesional: {draft.professional.name}")
    lines.append(f"Horario: {draft.slot.label if draft.slot else 'lo contactamos para acordarlo'}")
    return "\n".join((*lines, "", ASK_CONFIRMATION))


def move_summary(draft: BookingDraft) -> str:
    """Return the appointment and its new slot, one fact per line."""
    appointment = draft.appointment
    if appointment is None:
        return ASK_CONFIRMATION
    lines = [
        f"Mover la cita {appointment.ticket}",
        f"Paciente: {appointment.patient}",
        f"Especialidad: {appointment.specialty.name}",
        f"Ahora: {appointment.label}",
        f"Nuevo horario: {draft.slot.label if draft.slot else ''}",
    ]
    if draft.slot is not None and not draft.slot.confirms_itself:
        lines.append(CONFIRMED_BY_HAND)
    return "\n".join((*lines, "", ASK_CONFIRMATION))
