"""The widget stays light, and what is sent is what is written."""

import re

from beneficiate.handlers.widget import BUNDLED_MODULES, WIDGET_DIR, widget_source
from tests.widget_size import LOADER_LIMIT_BYTES, TOTAL_LIMIT_BYTES, WIDGET_FILES, compressed_sizes

_IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "\./([a-z]+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:async )?(?:class|const|function) (\w+)", re.MULTILINE)
_TOP = re.compile(r"^(?:async )?(?:class|const|let|function) (\w+)", re.MULTILINE)


def source(module):
    return (WIDGET_DIR / f"{module}.js").read_text(encoding="utf-8")


def test_all_that_it_loads_is_within_the_limit():
    assert sum(compressed_sizes().values()) <= TOTAL_LIMIT_BYTES
    assert compressed_sizes()["widget.js"] <= LOADER_LIMIT_BYTES


def test_every_module_of_the_folder_is_sent_after_those_that_it_needs():
    assert {path.stem for path in WIDGET_DIR.glob("*.js")} == {*BUNDLED_MODULES, "widget"}
    for at, module in enumerate(BUNDLED_MODULES):
        for names, needed in _IMPORT.findall(source(module)):
            assert needed in BUNDLED_MODULES[:at], (module, needed)
            assert set(names.split(", ")) <= set(_EXPORT.findall(source(needed))), (module, needed)


def test_no_two_modules_have_a_name_in_common():
    names = [name for module in BUNDLED_MODULES for name in _TOP.findall(source(module).replace("\nexport ", "\n"))]
    assert sorted(names) == sorted(set(names))


def test_what_is_sent_has_no_imports_and_one_export():
    sent = widget_source("app.js")
    assert not re.search(r"^(?:import|\s|//|/\*)|\s// ", sent, re.MULTILINE)
    assert re.findall(r"^export .*", sent, re.MULTILINE) == [
        "export async function begin({ origin, lang, accent, isLeft, isOpen, hasLauncher, emit }) {"
    ]


def test_nothing_that_may_be_cut_off_stands_in_a_text():
    """A comment begins with two strokes and a space; a text of several lines would lose its indentation."""
    for name in (*(f"{module}.js" for module in BUNDLED_MODULES), *WIDGET_FILES[:1]):
        for line in (WIDGET_DIR / name).read_text(encoding="utf-8").splitlines():
            code = re.sub(r"(?:^|\s)//(?: .*)?$", "", line)
            assert code.count("`") % 2 == 0, (name, line)
            assert code.count('"') % 2 == 0, (name, line)
