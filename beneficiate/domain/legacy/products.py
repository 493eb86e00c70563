"""The plans that the old service sold."""

from beneficiate.domain.administration import choose_code, is_valid_line, is_valid_name
from beneficiate.domain.legacy.plans import NEW, PRESENT, ImportContext, ImportOutcome, OldRow
from beneficiate.domain.legacy.values import Refused, parse_amount, parse_count, repair_line, repair_text

PLANS = "plans"
MAX_PLAN_DAYS, MAX_PLAN_PEOPLE = 3660, 99
MAX_PLAN_NAME_CHARS, MAX_PLAN_CODE_CHARS = 60, 32


def plan_plan(row: OldRow, context: ImportContext) -> ImportOutcome:
    """Return a plan, unless there is one with its code."""
    old_id, index = str(row["id"]), context.index
    name, code = repair_line(row["name"]), repair_line(row["code"])
    if not is_valid_name(name, MAX_PLAN_NAME_CHARS):
        raise Refused("No tiene un nombre de 1 a 60 letras.")
    code = code or choose_code(name, (), MAX_PLAN_CODE_CHARS)
    if not is_valid_line(code, MAX_PLAN_CODE_CHARS):
        raise Refused("Su código no es de 1 a 32 letras.")
    known = index.get("plan_code", code)
    if known is not None:
        outcome = ImportOutcome(PLANS, old_id, PRESENT)
        context.note_import(outcome, known)
        return outcome
    price, cents = parse_amount(row["price"])
    days, people = (
        parse_count(row["duration_days"], MAX_PLAN_DAYS),
        parse_count(row["max_beneficiaries"], MAX_PLAN_PEOPLE),
    )
    if not days or people is None:
        raise Refused("Su duración o su número de beneficiarios no son válidos.")
    plan_id, outcome = context.take_id("plans"), ImportOutcome(PLANS, old_id, NEW)
    if cents != price * 100:
        outcome.lose("El precio tenía centavos y se redondeó a pesos.")
    outcome.insert(
        "plans",
        id=plan_id,
        code=code,
        name=name,
        description=repair_text(row["description"]).strip(),
        price=price,
        duration_days=days,
        max_beneficiaries=people,
        is_active=bool(row["is_active"]),
    )
    index.put("plan_code", code, plan_id)
    index.put("plan_terms", plan_id, (days, people))
    context.note_import(outcome, plan_id)
    return outcome
