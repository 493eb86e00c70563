"""The widget stays light, and what is sent was built from the sources that are here."""

import hashlib
import re
import subprocess

import pytest

from beneficiate.domain.billing.presentation import PAYMENT_NOTICES
from beneficiate.domain.booking.presentation import APPOINTMENT_NEWS, APPOINTMENT_STATUS_NAMES
from beneficiate.handlers.assets import STATIC, Release
from beneficiate.handlers.widget import WIDGET_FILES
from tests.node import ROOT, require_node_tools
from tests.widget_size import compressed_sizes, is_too_heavy

ENTRIES = {
    "widget.js": "src/widget/widget.js",
    "app.js": "src/widget/app.js",
    "later.js": "src/widget/later.js",
    "widget.css": "src/widget/widget.css",
}


def hash_of_sources(entry):
    """The same as in tools/build-widget.js."""
    release = Release(STATIC)
    tokens = ["css/tokens.css"] if entry.endswith(".css") else []
    sources = sorted([entry, *tokens, *(address.removeprefix(release.url("")) for address in release.preloads(entry))])
    digest = hashlib.sha256()
    for source in sources:
        digest.update(f"{source}\0".encode() + (STATIC / source).read_bytes())
    return digest.hexdigest()[:8]


def test_widget_is_within_its_limits():
    assert not is_too_heavy(compressed_sizes())


@pytest.mark.parametrize(("name", "more"), [("widget.js", 1500), ("app.js", 100), ("later.js", 3000)])
def test_file_that_grows_is_too_heavy(name, more):
    sizes = compressed_sizes()
    assert is_too_heavy({**sizes, name: sizes[name] + more})


@pytest.mark.parametrize("name", WIDGET_FILES)
def test_built_file_is_of_the_current_sources(name):
    first_line = (STATIC / WIDGET_FILES[name]).read_text(encoding="utf-8").splitlines()[0]
    built_from = re.search("[0-9a-f]{8}", first_line)
    assert built_from, first_line
    assert built_from[0] == hash_of_sources(ENTRIES[name]), "run `make widget`"


def test_built_files_are_what_the_locked_tools_build(tmp_path):
    require_node_tools()
    subprocess.run(["node", "tools/build-widget.js", tmp_path], cwd=ROOT, check=True, capture_output=True)
    for path in WIDGET_FILES.values():
        built = tmp_path / path.removeprefix("dist/")
        assert built.read_text(encoding="utf-8") == (STATIC / path).read_text(encoding="utf-8"), "run `make widget`"


def test_bundle_has_the_status_texts_that_it_uses_and_no_others():
    bundle = (STATIC / WIDGET_FILES["app.js"]).read_text(encoding="utf-8")
    assert [
        text for text in (*APPOINTMENT_STATUS_NAMES.values(), *PAYMENT_NOTICES.values()) if text not in bundle
    ] == []
    assert [text for text in APPOINTMENT_NEWS.values() if text in bundle] == []


def test_no_script_types_the_text_of_a_status():
    texts = (*APPOINTMENT_STATUS_NAMES.values(), *PAYMENT_NOTICES.values(), *APPOINTMENT_NEWS.values())
    scripts = [path for path in (STATIC / "src").rglob("*.js") if path.name != "statuses.js"]
    typed = [(path.name, text) for path in scripts for text in texts if f'"{text}"' in path.read_text(encoding="utf-8")]
    assert typed == []


@pytest.mark.parametrize(
    ("token", "light", "dark"), [("accent", "#0f6b63", "#5cc9ba"), ("ground", "#faf5ec", "#141311")]
)
def test_widget_has_the_colours_of_the_members_pages(token, light, dark):
    tokens = (STATIC / "css/tokens.css").read_text(encoding="utf-8")
    assert re.search(rf"--{token}:\s*light-dark\({light}, {dark}\)", tokens)
    built = (STATIC / WIDGET_FILES["widget.css"]).read_text(encoding="utf-8")
    values: dict[str, list[str]] = {}
    for name, value in re.findall(r"--(w\d+):\s*(?:var\(--beneficiate-[\w-]+,\s*)?(#[0-9a-f]+)", built):
        values.setdefault(name, []).append(value)
    assert [light, dark] in values.values()
    assert "light(" not in built
    assert "dark(" not in built
