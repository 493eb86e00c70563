"""Every class that a style sheet names is one that a template, a script or a view gives to something."""

import re

import pytest

from tests.node import ROOT

SHEETS = sorted([*(ROOT / "static" / "css").glob("*.css"), *(ROOT / "static" / "src").rglob("*.css")])
WRITERS = [
    path
    for folder in ("templates", "static/src", "beneficiate")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".html", ".js", ".py")
]


def find_classes(sheet):
    """Return the classes that the selectors of a style sheet name."""
    selectors = re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
    return {
        name for one in selectors if not one.strip().startswith("@") for name in re.findall(r"\.([a-z][\w-]*)", one)
    }


def find_written(text):
    """Return what a text writes: its words, and the beginnings of some, as `heat-` of `heat-{{ level }}`."""
    return set(re.findall(r"[\w-]+", text)), tuple(set(re.findall(r"([\w-]+-)(?:\$?\{|['\"] ~)", text)))


def find_unused(classes, words, beginnings):
    """Return the classes that are written neither whole nor by their beginning."""
    return sorted(name for name in classes - words if not name.startswith(beginnings))


@pytest.fixture(scope="module")
def written():
    return find_written("\n".join(path.read_text(encoding="utf-8") for path in WRITERS))


@pytest.mark.parametrize("sheet", SHEETS, ids=[sheet.name for sheet in SHEETS])
def test_classes_of_a_style_sheet_are_given_to_something(sheet, written):
    assert find_unused(find_classes(sheet.read_text(encoding="utf-8")), *written) == []


def test_class_that_is_written_whole_or_by_its_beginning_is_used():
    sheet = "/* .said */ .a > .b--1:not(.c) { inset: 0.5px } @media (width > 3.5rem) { .d-2, .e.is-f, .g { top: 0 } }"
    assert find_classes(sheet) == {"a", "b--1", "c", "d-2", "e", "is-f", "g"}
    written = """<p class="a b--{{ x }}"> `d-${level}` {{ ' is-' ~ x }} "e-more" """
    assert find_unused(find_classes(sheet), *find_written(written)) == ["c", "e", "g"]
