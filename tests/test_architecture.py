"""The rules of the architecture, as far as a test can hold them."""

import ast
import re
from collections import Counter
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from beneficiate.cli.main import render_protocol_files
from beneficiate.settings import DEMO_ENCRYPTION_KEY, DEMO_SECRET, Settings

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "beneficiate").rglob("*.py"))
MAX_MODULE_LINES = 300
MAX_TABLE_LINES = {"settings.py": 450, "routes.py": 400}
"""Modules that are mostly a table with an entry of up to six lines for each thing."""
MAX_VERB_LINES = 15
MAX_ONE_WORD_FUNCTIONS = 7
MAX_ANY = 59
VERBS = {"get", "post", "put", "delete", "head", "prepare"}
BANNED_MODULE_NAMES = {"utils", "helpers", "common", "core", "manager", "service", "misc", "const"}
DOCUMENTED_DEFAULTS = {
    "": "none",
    None: "none",
    (): "none",
    DEMO_SECRET: "a demo secret",
    (DEMO_ENCRYPTION_KEY,): "a demo key",
}


@cache
def definitions(module):
    """The public functions and classes of a module, at its top level."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]


def name_of(module):
    return str(module.relative_to(ROOT / "beneficiate"))


OWN_MODULES = [module for module in MODULES if module.name != "__init__.py" and "migrations" not in module.parts]


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_module_is_short_and_has_a_telling_name(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= MAX_TABLE_LINES.get(
        name_of(module), MAX_MODULE_LINES
    )
    assert module.stem not in BANNED_MODULE_NAMES


def test_few_values_have_any_type():
    names = (node for module in MODULES for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))))
    assert sum(isinstance(node, ast.Name) and node.id == "Any" for node in names) <= MAX_ANY


def test_every_module_has_its_test_file():
    tests = ROOT / "tests"
    missing = [
        name_of(module)
        for module in OWN_MODULES
        if not (tests / Path(name_of(module)).with_name(f"test_{module.name}")).exists()
    ]
    assert missing == []


def test_no_public_name_is_defined_in_two_modules():
    names = Counter(node.name for module in OWN_MODULES for node in definitions(module))
    assert [name for name, count in names.items() if count > 1] == []


def test_few_public_functions_have_one_word_names():
    found = [
        f"{name_of(module)}: {node.name}"
        for module in OWN_MODULES
        for node in definitions(module)
        if not isinstance(node, ast.ClassDef) and "_" not in node.name
    ]
    assert len(found) <= MAX_ONE_WORD_FUNCTIONS, found


def test_methods_of_handlers_are_short():
    long = [
        f"{name_of(module)}: {node.name}.{method.name}"
        for module in MODULES
        if "handlers" in module.parts
        for node in definitions(module)
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
        and method.name in VERBS
        and method.end_lineno - method.body[0].lineno + 1 > MAX_VERB_LINES
    ]
    assert long == []


def test_only_the_settings_read_the_environment():
    readers = [path.name for path in MODULES if re.search(r"\benviron\b|\bgetenv\b", path.read_text(encoding="utf-8"))]
    assert readers == ["settings.py"]


@pytest.mark.parametrize("path", render_protocol_files(), ids=lambda path: path.name)
def test_printed_protocol_is_that_of_the_code(path):
    assert path.read_text(encoding="utf-8") == render_protocol_files()[path], "run `make protocol`"


def test_the_readme_has_every_setting_and_its_default():
    row = re.compile(r"^\| `([A-Z_]+)` \| `?(.*?)`? \| (.*?) \|$", re.MULTILINE)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    documented = {name: (default, text) for name, default, text in row.findall(readme)}
    expected = {one.metadata["env"]: (_default_text(one.default), one.metadata["help"]) for one in fields(Settings)}
    assert documented == expected


def _default_text(default):
    return DOCUMENTED_DEFAULTS.get(default, f"{default:g}" if isinstance(default, float) else str(default))
