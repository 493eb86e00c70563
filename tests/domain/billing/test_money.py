"""Amounts are integers, and the code is searched for anything that is not."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.domain.billing.money import pesos_to_cents

ROOT = Path(__file__).parents[3] / "beneficiate"
WALKED = sorted(
    [
        *(ROOT / "domain" / "billing").rglob("*.py"),
        *(ROOT / "sandbox").rglob("*.py"),
        *(ROOT / name for name in ("clients/wompi.py", "clients/wompi_answers.py")),
        *(ROOT / name for name in ("services/payments.py", "services/requested_checks.py")),
        *(ROOT / name for name in ("actions/payments.py", "actions/settlements.py")),
        *(ROOT / name for name in ("queries/payments.py", "queries/payments_admin.py")),
        *(ROOT / name for name in ("handlers/payments.py", "handlers/payment_pages.py", "handlers/payments_admin.py")),
        *(ROOT / name for name in ("protocol/payments.py", "models/payments.py")),
    ]
)
SECONDS = {
    ("services/requested_checks.py", "CHECK_WAIT_S"),
    ("services/payments.py", "EVENT_TIMEOUT_S"),
    ("services/payments.py", "WAIT_POLL_S"),
    ("services/payments.py", "WAIT_TIMEOUT_S"),
    ("clients/wompi.py", "CONNECT_TIMEOUT_S"),
    ("clients/wompi.py", "REQUEST_TIMEOUT_S"),
    ("sandbox/behaviour.py", "Seconds"),
    ("sandbox/behaviour.py", "delay_s"),
    ("sandbox/checkout.py", "SETTLE_WAIT_S"),
    ("sandbox/handlers.py", "HANG_POLL_S"),
    ("sandbox/events.py", "REORDER_WAIT_S"),
    ("sandbox/events.py", "DELIVERY_TIMEOUT_S"),
    ("sandbox/events.py", "retry_s"),
    ("sandbox/payments.py", "patience_s"),
    ("sandbox/payments.py", "settle_s"),
    ("sandbox/server.py", "retry_s"),
    ("sandbox/server.py", "settle_s"),
    ("sandbox/wompi.py", "seconds"),
}
"""Floats by file and name. All of them are durations."""
READERS = {
    ("clients/wompi.py", "_error_summary"): "the body of a refusal, of which only the names of fields are taken",
    ("sandbox/handlers.py", "read_json"): "an amount that is no int is refused where the fields are checked",
}
"""Functions that read JSON without `parse_float=str`, and why that is harmless."""
FIELDS = {"FloatField", "DoubleField", "DecimalField"}
DECODERS = {"json.loads", "json.load", "msgspec.json.decode", "loads", "load"}


def names_of(tree):
    """Map each part of a value, a default or an annotation to its target or parameter."""
    named = {}
    for node in ast.walk(tree):
        for name, part in called(node):
            named.update((id(one), name) for one in ast.walk(part) if id(one) not in named)
    return named


def called(node):
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            return zip(map(ast.unparse, target.elts), node.value.elts, strict=True)
        return [(ast.unparse(target), node.value)]
    if isinstance(node, ast.AnnAssign):
        parts = (node.annotation, node.value)
        return [(ast.unparse(node.target), part) for part in parts if part is not None]
    if isinstance(node, ast.arguments):
        by_place = [*node.posonlyargs, *node.args]
        defaults = [*zip(by_place[len(by_place) - len(node.defaults) :], node.defaults, strict=True)]
        defaults += zip(node.kwonlyargs, node.kw_defaults, strict=True)
        annotated = [(one, one.annotation) for one in (*by_place, *node.kwonlyargs)]
        return [(one.arg, part) for one, part in [*defaults, *annotated] if part is not None]
    return []


def floats(tree):
    """Return the line and the name of every float, a literal or the type; the name is empty where there is none."""
    named = names_of(tree)
    for node in ast.walk(tree):
        is_literal = isinstance(node, ast.Constant) and isinstance(node.value, (float, complex))
        if is_literal or (isinstance(node, ast.Name) and node.id in ("float", "complex", "Decimal")):
            yield node.lineno, named.get(id(node), "")


def is_division(node):
    """Return whether it divides numbers: a path is divided by a string, which no number can be."""
    if isinstance(node, ast.AugAssign):
        return isinstance(node.op, ast.Div)
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
        return False
    return not (isinstance(node.right, ast.Constant) and isinstance(node.right.value, str))


def wrong(node):
    if is_division(node):
        return "a division"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("float", "round"):
        return f"a call of {node.func.id}"
    name = getattr(node, "id", getattr(node, "attr", ""))
    return name if name in FIELDS else ""


def readers(tree):
    """Return the functions that read JSON and let a number with a point become a float."""
    for function in (one for one in ast.walk(tree) if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))):
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in DECODERS:
                keywords = {one.arg: ast.unparse(one.value) for one in node.keywords}
                if keywords.get("parse_float") != "str":
                    yield function.name


def walk(source, name):
    """Return the violations in a module, line by line."""
    tree = ast.parse(source)
    found = [f"{node.lineno}: {wrong(node)}" for node in ast.walk(tree) if wrong(node)]
    found += [f"{line}: a float {called!r}" for line, called in floats(tree) if (name, called) not in SECONDS]
    return found + [f"{reader} reads JSON" for reader in readers(tree) if (name, reader) not in READERS]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("module", WALKED, ids=name_of)
def test_no_amount_can_become_a_float(module):
    assert walk(module.read_text(encoding="utf-8"), name_of(module)) == []


def test_no_exception_is_made_for_what_is_no_longer_there():
    trees = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in WALKED}
    assert {(name, called) for name, tree in trees.items() for _, called in floats(tree)} == SECONDS
    assert {(name, reader) for name, tree in trees.items() for reader in readers(tree)} == READERS.keys()


@pytest.mark.parametrize(
    "planted",
    [
        "price = 899.0",
        "price = 1e3",
        "CONNECT_S, price = 5.0, 12.0",
        "def f(price=0.5): pass",
        "def f(CONNECT_S, *, price=0.5): pass",
        "def f(price: float): pass",
        "class Plan:\n    price: float",
        "class Plan:\n    price: int | float = 0",
        "charge(0.19)",
        "x = f(cents * 0.01)",
        "price = float(text)",
        "CONNECT_TIMEOUT_S = float(text)",
        "prices = map(float, texts)",
        "price = Decimal('1')",
        "pesos = cents / 100",
        "pesos /= 100",
        "where = ROOT / name",
        "price = round(cents)",
        "price = FloatField()",
        "price = peewee.DoubleField()",
        "price = DecimalField()",
        "def f(body):\n    return json.loads(body)",
        "def f(body):\n    return json.loads(body, parse_float=Decimal)",
        "async def f(body):\n    return msgspec.json.decode(body)",
    ],
)
def test_walk_finds_what_is_planted(planted):
    assert walk(planted, "clients/wompi.py")


@pytest.mark.parametrize(
    "harmless",
    [
        "pesos, rest = cents // 100, cents % 100",
        "CONNECT_TIMEOUT_S, REQUEST_TIMEOUT_S = 5.0, 12.0",
        "where = ROOT / 'templates'",
        "def f(body):\n    return json.loads(body, parse_float=str)",
        "def _error_summary(body):\n    return json.loads(body)",
        "'1.5'",
    ],
)
def test_walk_lets_what_is_harmless_pass(harmless):
    assert walk(harmless, "clients/wompi.py") == []


def test_duration_is_one_in_its_own_module_only():
    assert walk("CONNECT_TIMEOUT_S = 5.0", "services/payments.py") == ["1: a float 'CONNECT_TIMEOUT_S'"]


@pytest.mark.parametrize(("pesos", "cents"), [(0, 0), (1, 100), (24900, 2490000), (89900, 8990000)])
def test_pesos_in_cents(pesos, cents):
    assert pesos_to_cents(pesos) == cents


@given(st.integers(0, 10**15))
def test_cents_are_integers_that_end_in_two_zeros(pesos):
    cents = pesos_to_cents(pesos)
    assert type(cents) is int
    assert str(cents) in ("0", f"{pesos}00")
