"""How far a dialogue with the bot has come, as facts tell it and reports name it."""

from beneficiate.domain.bot.drafts import DialogueState

STEP_OF_STATE: dict[DialogueState, str] = {
    "awaiting_document": "patient",
    "awaiting_city_selection": "city",
    "awaiting_specialty_search": "specialty",
    "awaiting_specialty_selection": "specialty",
    "awaiting_visit_type": "first_time",
    "awaiting_description": "reason",
    "awaiting_slot_selection": "slot",
    "confirmation": "confirmation",
    "awaiting_appointment_selection": "move",
    "awaiting_new_slot_selection": "move",
    "move_confirmation": "move",
}
"""The step of each state; of one that is over, none."""
STEP_NAMES = {
    "patient": "para quién es la cita",
    "city": "la ciudad",
    "specialty": "la especialidad",
    "first_time": "si es primera vez",
    "reason": "el motivo",
    "slot": "la hora",
    "confirmation": "la confirmación",
    "move": "mover una cita",
}
"""The steps in order, as people read them."""
