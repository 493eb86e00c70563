"""The documents name files, classes and layers that exist, and their images and links lead somewhere."""

import configparser
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from beneficiate.cli.main import main
from beneficiate.telemetry import Telemetry

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "beneficiate"
DOCUMENTS = [
    path.relative_to(ROOT).as_posix()
    for folder in (".", "docs", "docs/deploy", "docs/operation")
    for path in sorted((ROOT / folder).glob("*.md"))
    if path.name != "CHANGELOG.md"  # speaks of files as they were
]
DECISIONS = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
ROOTS = (ROOT, PACKAGE)
FIRST_PARTS = {path.name for root in ROOTS for path in root.iterdir() if path.is_dir()} - {"var"}

_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"[\w.]+(/[\w.-]+)+/?")
_CLASS = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)*")
_SOURCE_FILE = re.compile(r"`([\w.-]+(?:/[\w.-]+)+\.(?:py|js|css|html))`")
_RENAMED = re.compile(r"`([^`]+)` →")
_LINK = re.compile(r"\]\(([^)#]+)\)")


def read(document):
    return (ROOT / document).read_text(encoding="utf-8")


def paths_in(text):
    """What stands between backticks and begins with a folder of ours."""
    found = {code for code in _CODE.findall(text) if _PATH.fullmatch(code)}
    return {path for path in found if path.split("/")[0] in FIRST_PARTS}


def exists(path):
    """A file or a folder, with or without `.py`; `module.name` when the module has that name."""
    for root in ROOTS:
        if (root / path).exists() or (root / f"{path}.py").exists():
            return True
        module, _, name = path.rpartition(".")
        source = root / f"{module}.py"
        if source.is_file() and re.search(rf"\b{name}\b", source.read_text(encoding="utf-8")):
            return True
    return False


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths_in_documents_exist(document):
    assert sorted(path for path in paths_in(read(document)) if not exists(path)) == []


@pytest.mark.parametrize("document", [*DOCUMENTS, *DECISIONS])
def test_links_in_documents_lead_somewhere(document):
    links = {link for link in _LINK.findall(read(document)) if "://" not in link}
    assert sorted(link for link in links if not ((ROOT / document).parent / link).exists()) == []


@pytest.mark.parametrize("document", DECISIONS)
def test_files_that_decisions_name_exist_or_are_among_the_names_since(document):
    text, _, since = read(document).partition("**Names since.**")
    if "**No longer.**" not in text:
        renamed = tuple(_RENAMED.findall(since))
        gone = {path for path in _SOURCE_FILE.findall(text) if not exists(path)}
        assert sorted(path for path in gone if not path.startswith(renamed)) == []


def test_every_decision_is_in_the_list_once_under_its_title():
    listed = re.findall(r"^(\d+)\. \[(.+)\]\((.+)\)$", read("docs/decisions/README.md"), re.MULTILINE)
    assert [f"docs/decisions/{file}" for _, _, file in listed] == [one for one in DECISIONS if "README" not in one]
    for number, title, file in listed:
        heading = read(f"docs/decisions/{file}").splitlines()[0]
        assert (int(file[:4]), heading) == (int(number), f"# {title}")


def test_commands_in_the_readme_are_those_of_the_command_line_with_options_that_they_have():
    table = read("README.md").partition("## The command line")[2].partition("\n## ")[0]
    cells = [code for row in re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE) for code in _CODE.findall(row)]
    written = {cell.split()[0]: set(re.findall(r"--[a-z-]+", cell)) for cell in cells if "python run.py" not in cell}
    present = {name: command for name, command in main.commands.items() if not command.hidden}
    assert sorted(written) == sorted(present)
    for name, options in written.items():
        assert options <= {one for parameter in present[name].params for one in parameter.opts}, name


def test_classes_in_the_glossary_exist():
    source = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    named = {code for code in _CODE.findall(read("docs/glossary.md")) if _CLASS.fullmatch(code)}
    assert len(named) > 30
    assert sorted(name for name in named if not re.search(rf"^class {name}\b", source, re.MULTILINE)) == []


def test_layers_in_the_architecture_are_those_of_the_import_contract():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    layers = config["importlinter:contract:layers"]["layers"].strip().replace("beneficiate.", "")
    block = "\n".join(f"    {layer}" for layer in layers.splitlines())
    assert f"\n{block}\n" in read("docs/architecture.md"), f"docs/architecture.md should have:\n{block}"


def test_drawing_of_the_architecture_is_an_image_with_a_title():
    root = ET.parse(ROOT / "docs" / "architecture.svg").getroot()  # noqa: S314  our own file
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text


def test_every_metric_of_a_process_is_documented():
    families = text_string_to_metric_families(Telemetry().render().decode())
    measured = {family.name: family.documentation for family in families if family.name.startswith("beneficiate_")}
    rows = re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", read("docs/operation/metrics.md"), re.MULTILINE)
    assert {name.removesuffix("_total"): text for name, text in rows} == measured


def test_dashboard_shows_metrics_that_exist():
    dashboard = json.loads(read("docs/operation/grafana.json"))
    expressions = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    families = text_string_to_metric_families(Telemetry().render().decode())
    measured = {family.name for family in families if family.name.startswith("beneficiate_")}
    shown = re.findall(r"beneficiate_\w+", expressions)
    assert {re.sub("_(total|bucket|sum|count)$", "", name) for name in shown} == measured
