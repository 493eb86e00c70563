"""The table of kinds has every code that the actions record, with a name for everything that they record with it."""

import ast
from pathlib import Path

from beneficiate.domain.audit_kinds import ACTOR_ROLES, AUDIT_KINDS, describe_kind, kinds_by_group

ROOT = Path(__file__).parents[2]
ACTIONS = ROOT / "beneficiate" / "actions"
SPRITE = (ROOT / "static" / "icons" / "sprite.svg").read_text(encoding="utf-8")
RECORDING = ("record_audit", "record_act", "record_own_act")
"""The functions that record; their second argument is the code."""


def recorded_codes():
    """The codes of all calls that record; each is written where it is recorded, or is a value of a table there."""
    found = set()
    for module in ACTIONS.glob("*.py"):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        tables = {
            target.id: [value.value for value in node.value.values if isinstance(value, ast.Constant)]
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
            for target in node.targets
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name not in RECORDING:
                continue
            code = call.args[1]
            if isinstance(code, ast.Subscript):
                found |= set(tables[code.value.id])
            else:
                assert isinstance(code, ast.Constant), f"{module.name}:{call.lineno} does not write its code out"
                found.add(code.value)
    return found


def test_every_recorded_code_is_in_the_table_and_none_else():
    assert recorded_codes() == set(AUDIT_KINDS)


def test_kinds_fit_their_column_and_have_icons_of_the_set_and_labels_of_their_own():
    assert max(map(len, AUDIT_KINDS)) <= 48
    assert [kind.icon for kind in AUDIT_KINDS.values() if f'id="i-{kind.icon}"' not in SPRITE] == []
    labels = [kind.label for kind in AUDIT_KINDS.values()]
    assert len(set(labels)) == len(labels)


def test_groups_have_every_kind_once():
    codes = [code for codes in kinds_by_group().values() for code in codes]
    assert sorted(codes) == sorted(AUDIT_KINDS)


def test_code_of_another_version_is_shown_as_it_is():
    assert describe_kind("plans.rename").label == "plans.rename"


def test_which_of_two_things_was_done_to_an_account_is_said():
    labels = [describe_kind("accounts.set_active", {"is_active": one}).label for one in (True, False)]
    assert labels == ["Activó una cuenta", "Desactivó una cuenta"]
    assert describe_kind("topics.save", {"is_active": True}).label == "Cambió un tema"


def test_every_role_has_a_name():
    assert set(ACTOR_ROLES) == {"agent", "member", "supervisor", "system"}
