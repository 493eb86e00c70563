"""Specialties and professionals of the old service."""

from collections.abc import Iterable, Sequence

from beneficiate.domain.administration import is_valid_line, is_valid_name
from beneficiate.domain.legacy.people import TOWNSHIPS, parse_names
from beneficiate.domain.legacy.plans import NEW, PRESENT, ImportContext, ImportOutcome, OldRow
from beneficiate.domain.legacy.values import Refused, fold_word, parse_weekday, repair_line, repair_text, to_minutes
from beneficiate.domain.professionals import MAX_LICENSE_CHARS, MAX_TEXT_CHARS, ON_SITE
from beneficiate.folding import fold

SPECIALTIES, PROFESSIONALS = "medical_specialties", "medical_professionals"
MAX_SPECIALTY_CHARS = 60
USUAL_MINUTES = 30
MANUAL = "MANUAL"


def plan_specialty(row: OldRow, context: ImportContext) -> ImportOutcome:
    """Return a specialty, unless there is one with its name without accents."""
    old_id, index = str(row["id"]), context.index
    outcome = ImportOutcome(SPECIALTIES, old_id, PRESENT)
    name = repair_line(row["name"])
    if not is_valid_name(name, MAX_SPECIALTY_CHARS):
        raise Refused("No tiene un nombre de 1 a 60 letras.")
    specialty_id = index.get("specialty", fold(name))
    if specialty_id is None:
        specialty_id, outcome.result = context.take_id("specialties"), NEW
        outcome.insert("specialties", id=specialty_id, name=name)
        index.put("specialty", fold(name), specialty_id)
    context.note_import(outcome, specialty_id)
    return outcome


def plan_professional(row: OldRow, context: ImportContext) -> ImportOutcome:
    """Return a professional with specialties and week. Their appointments are given by the staff until they check."""
    old_id, index = str(row["id"]), context.index
    first_name, last_name = parse_names(row)
    license_number = repair_line(row["medical_registration"]) or repair_line(row["professional_card_number"])
    if not is_valid_line(license_number, MAX_LICENSE_CHARS):
        raise Refused("No tiene un registro médico de 1 a 32 letras.")
    known = index.get("license", fold_word(license_number))
    if known is not None:
        outcome = ImportOutcome(PROFESSIONALS, old_id, PRESENT)
        context.note_import(outcome, known)
        return outcome
    township_id = context.find_new_id(TOWNSHIPS, row["attention_township_id"])
    if township_id is None:
        raise Refused("No se sabe en qué municipio atiende.")
    professional_id, outcome = context.take_id("professionals"), ImportOutcome(PROFESSIONALS, old_id, NEW)
    address = repair_line(row["consultation_address"])[:MAX_TEXT_CHARS]
    if not address:
        outcome.lose("No tiene dirección: escríbala en /supervisor/ajustes/profesionales.")
    outcome.insert(
        "professionals",
        id=professional_id,
        first_name=first_name,
        last_name=last_name,
        license_number=license_number,
        township_id=township_id,
        address=address,
        mode=ON_SITE,
        schedule_type=MANUAL,
        duration_minutes=USUAL_MINUTES,
        imported_note=repair_text(row["weekly_availability"]).strip(),
    )
    _insert_practice(row, context, professional_id, outcome)
    index.put("license", fold_word(license_number), professional_id)
    context.note_import(outcome, professional_id)
    return outcome


def _insert_practice(row: OldRow, context: ImportContext, professional_id: int, outcome: ImportOutcome) -> None:
    """Insert the specialties and the week of a professional."""
    specialty_ids = {context.find_new_id(SPECIALTIES, one) for one in row["specialties"] or ()}
    for specialty_id in sorted(one for one in specialty_ids if one is not None):
        outcome.insert("professional_specialties", professional_id=professional_id, specialty_id=specialty_id)
    blocks, lost = merge_blocks(row["blocks"] or ())
    if lost:
        outcome.lose("De sus bloques de horario hay algunos que no se entienden.")
    for weekday, starts, ends in blocks:
        columns = {"professional_id": professional_id, "weekday": weekday, "starts": starts, "ends": ends}
        outcome.insert("availabilities", **columns)


def merge_blocks(blocks: Iterable[Sequence[object]]) -> tuple[list[tuple[int, int, int]], int]:
    """Return (weekday, start, end) of blocks in minutes, those that overlap as one, and how many are not readable."""
    found, lost = [], 0
    for day, begins, ends_at in blocks:
        weekday, starts, ends = parse_weekday(day), to_minutes(begins), to_minutes(ends_at)
        if weekday is None or starts is None or ends is None or starts >= ends:
            lost += 1
        else:
            found.append((weekday, starts, ends))
    merged: list[tuple[int, int, int]] = []
    for weekday, starts, ends in sorted(found):
        if merged and merged[-1][0] == weekday and starts <= merged[-1][2]:
            merged[-1] = (weekday, merged[-1][1], max(ends, merged[-1][2]))
        else:
            merged.append((weekday, starts, ends))
    return merged, lost
