"""People of the old service: members, agents and beneficiaries, by the same rules as the forms."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter

from beneficiate.domain.administration import is_valid_line, is_valid_name
from beneficiate.domain.email_addresses import encode_email_address, normalize_email_address
from beneficiate.domain.erasures import NOT_BROUGHT_BACK
from beneficiate.domain.legacy.plans import MERGED, NEW, PRESENT, ImportContext, ImportOutcome, OldRow, plan_each
from beneficiate.domain.legacy.values import (
    Refused,
    complete_township_code,
    fold_word,
    parse_birth_date,
    parse_document,
    repair_line,
    to_instant,
)
from beneficiate.domain.phones import normalize_phone
from beneficiate.domain.registrations import MAX_NAME_CHARS
from beneficiate.folding import fold
from beneficiate.formatting import bogota_date
from beneficiate.passwords import NO_PASSWORD, is_old_hash

USERS, AGENTS, BENEFICIARIES, TOWNSHIPS = "users", "call_center_agents", "beneficiaries", "townships"
TAKEN_DOCUMENT = "Otra cuenta tiene el mismo documento, con otro correo: no se sabe si es la misma persona."
TAKEN_EMAIL = "Otra cuenta tiene el mismo correo, con otro documento."
NO_MEMBER = "La persona a la que pertenece no se importó."
OTHER_RELATIONSHIP = "Otro"
MAX_CODE_CHARS = 32


def plan_township(row: OldRow, context: ImportContext) -> ImportOutcome:
    """Find the township of ours by its code; nothing is stored."""
    township_id = context.index.get("township_code", complete_township_code(row["code"]))
    if township_id is None:
        raise Refused("Su código no está en la DIVIPOLA. Quienes viven allí quedan sin municipio.")
    context.index.put(TOWNSHIPS, str(row["id"]), township_id)
    return ImportOutcome(TOWNSHIPS, str(row["id"]), PRESENT)


def plan_user(row: OldRow, context: ImportContext) -> ImportOutcome:
    """Return the account of a user, or that it belongs to one of the same person."""
    old_id, index = str(row["id"]), context.index
    first_name, last_name = parse_names(row)
    document_type, number = parse_document(row["identification_type"], row["identification_number"])
    email = normalize_email_address(repair_line(row["email"]))
    if encode_email_address(email) is None:
        raise Refused("El correo no es una dirección válida.")
    same = _find_same_person(context, (document_type, number), email, f"{first_name} {last_name}")
    if same is not None:
        outcome = ImportOutcome(USERS, old_id, MERGED)
        if index.get("email", email) != same:
            outcome.lose("Se une a la cuenta con su mismo documento y nombre; este otro correo no se conserva.")
        context.note_import(outcome, same)
        return outcome
    if context.is_erased((document_type, number)):
        raise Refused(NOT_BROUGHT_BACK)
    user_id, outcome = context.take_id("users"), ImportOutcome(USERS, old_id, NEW)
    phone = _parse_phone(row["phone"], outcome)
    birth_date = _parse_birth_date(row["birth_date"], context, outcome)
    password_hash = str(row["password"] or "")
    if not is_old_hash(password_hash):
        password_hash = NO_PASSWORD
        outcome.lose("Su contraseña no se puede conservar: la recupera en /recuperar.")
    outcome.insert(
        "users",
        id=user_id,
        email=email,
        password_hash=password_hash,
        first_name=first_name,
        last_name=last_name,
        document_type=document_type,
        document_number=number,
        phone=phone,
        birth_date=birth_date,
        township_id=_find_township(row["city_id"], context, outcome),
        created_at=to_instant(row["created_at"], context.zone) or context.now,
    )
    index.put("email", email, user_id)
    index.put("document", (document_type, number), user_id)
    index.put("person", user_id, f"{first_name} {last_name}")
    index.put("is_imported", user_id, True)
    context.note_import(outcome, user_id)
    return outcome


def plan_agents(rows: Sequence[OldRow], context: ImportContext) -> Iterable[ImportOutcome]:
    """Plan the agents of users, whose rows follow one another; a second row of one user is the same agent.

    Of each user the rows come first whose code can be kept: the others are joined to them in the first run as in any.
    """
    for _, of_user in groupby(rows, key=itemgetter("user_id")):
        in_turn = sorted(of_user, key=lambda row: _find_code_problem(row, context) is not None)
        yield from plan_each(AGENTS, _plan_agent)(in_turn, context)


def _plan_agent(row: OldRow, context: ImportContext) -> ImportOutcome:
    old_id, index = str(row["id"]), context.index
    user_id = context.find_new_id(USERS, row["user_id"])
    if user_id is None:
        raise Refused(NO_MEMBER)
    agent_id = index.get("agent_of_user", user_id)
    if agent_id is not None:
        outcome = ImportOutcome(AGENTS, old_id, MERGED, "Esa persona ya es agente, con otro código.")
        context.note_import(outcome, agent_id)
        return outcome
    if problem := _find_code_problem(row, context):
        raise Refused(problem)
    code = _read_code(row)
    agent_id, outcome = context.take_id("agents"), ImportOutcome(AGENTS, old_id, NEW)
    is_active = fold_word(row["status"]) in ("active", "activo", "activa")
    outcome.insert(
        "agents",
        id=agent_id,
        user_id=user_id,
        agent_code=code,
        status="ACTIVE" if is_active else "INACTIVE",
        availability="offline",
        created_at=context.now,
    )
    index.put("agent_of_user", user_id, agent_id)
    index.put("agent_code", code, agent_id)
    index.put("agent_name", agent_id, index.get("person", user_id))
    index.put("agent_room", agent_id, index.get("capacity", "") if is_active else 0)
    context.note_import(outcome, agent_id)
    return outcome


def _read_code(row: OldRow) -> str:
    return repair_line(row["agent_code"]).upper()


def _find_code_problem(row: OldRow, context: ImportContext) -> str | None:
    """Return why the code of an agent cannot be kept; None if it can."""
    code = _read_code(row)
    if not is_valid_line(code, MAX_CODE_CHARS):
        return "No tiene un código de agente válido."
    return "Otro agente tiene el mismo código." if context.index.get("agent_code", code) is not None else None


def plan_beneficiary(row: OldRow, context: ImportContext) -> ImportOutcome:
    """Return a beneficiary, also one above what the plan covers; one who was removed stays so."""
    old_id, index = str(row["id"]), context.index
    user_id = context.find_new_id(USERS, row["user_id"])
    if user_id is None:
        raise Refused(NO_MEMBER)
    first_name, last_name = parse_names(row)
    document_type, number = parse_document(row["identification_type"], row["identification_number"])
    if index.get("document", (document_type, number)) == user_id:
        raise Refused("Tiene el documento del propio afiliado.")
    is_removed = bool(row["removed"])
    same = None if is_removed else index.get("beneficiary", (user_id, number))
    if same is not None:
        outcome = ImportOutcome(
            BENEFICIARIES, old_id, MERGED, "El afiliado ya tiene un beneficiario con ese documento."
        )
        context.note_import(outcome, same)
        return outcome
    beneficiary_id, outcome = context.take_id("beneficiaries"), ImportOutcome(BENEFICIARIES, old_id, NEW)
    created_at = to_instant(row["created_at"], context.zone) or context.now
    outcome.insert(
        "beneficiaries",
        id=beneficiary_id,
        user_id=user_id,
        first_name=first_name,
        last_name=last_name,
        document_type=document_type,
        document_number=number,
        birth_date=_parse_birth_date(row["birth_date"], context, outcome),
        relationship=OTHER_RELATIONSHIP,
        township_id=_find_township(row["city_id"], context, outcome),
        removed_at=created_at if is_removed else None,
        created_at=created_at,
    )
    if not is_removed:
        index.put("beneficiary", (user_id, number), beneficiary_id)
    index.put("beneficiary_owner", beneficiary_id, user_id)
    context.note_import(outcome, beneficiary_id)
    return outcome


def parse_names(row: OldRow) -> tuple[str, str]:
    """Return first and last names. Raises Refused."""
    first_name, last_name = repair_line(row["first_name"]), repair_line(row["last_name"])
    for name, label in ((first_name, "los nombres"), (last_name, "los apellidos")):
        if not is_valid_name(name, MAX_NAME_CHARS):
            raise Refused(f"Faltan {label}, o no son de 1 a {MAX_NAME_CHARS} letras.")
    return first_name, last_name


def _find_same_person(context: ImportContext, document: tuple[str, str], email: str, name: str) -> int | None:
    """Return the account of the same person: its document and e-mail, or the name of one that was imported.

    Raises Refused if taken.
    """
    by_document, by_email = context.index.get("document", document), context.index.get("email", email)
    if by_document is not None:
        # Anybody may register here with the document and the name of somebody else: they get no rows of theirs.
        has_name = fold(context.index.get("person", by_document) or "") == fold(name)
        if by_document == by_email or (has_name and context.index.get("is_imported", by_document)):
            return int(by_document)
        raise Refused(TAKEN_DOCUMENT)
    if by_email is not None:
        raise Refused(TAKEN_EMAIL)
    return None


def _parse_phone(value: object, outcome: ImportOutcome) -> str:
    typed = repair_line(value)
    phone = normalize_phone(typed) if typed else ""
    if phone is None:
        outcome.lose("Su teléfono no es un número válido y queda sin él.")
    return phone or ""


def _parse_birth_date(value: object, context: ImportContext, outcome: ImportOutcome) -> date | None:
    day, is_readable = parse_birth_date(value, bogota_date(context.now))
    if not is_readable:
        outcome.lose("Su fecha de nacimiento no se entiende y queda sin ella.")
    return day


def _find_township(old_id: object, context: ImportContext, outcome: ImportOutcome) -> int | None:
    township_id = context.find_new_id(TOWNSHIPS, old_id)
    if old_id is not None and township_id is None:
        outcome.lose("Su municipio no se reconoce y queda sin él.")
    return township_id
