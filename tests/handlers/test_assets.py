"""Static files have one version, and a page names every module that it needs."""

import os
import re
from pathlib import Path

import pytest

from beneficiate.handlers.assets import STATIC, Assets, Release

SOURCES = STATIC / "src"
MODULES = sorted(SOURCES.rglob("*.js"))
WIDGET_ENTRIES = ["src/widget/app.js", "src/widget/later.js"]
WIDGET_ENTRIES = ["src/widget/app.js", "src/widget/later.js"]
CLASSIC = {"src/ui/theme.js", "src/widget/widget.js", "src/push/service-worker.js"}
_ANY_IMPORT = re.compile(r'(?:\bfrom |^import |\bimport\()"([^"]+)"', re.MULTILINE)


@pytest.fixture
def folder(tmp_path):
    for name, text in {
        "src/page.js": 'import "./a.js";\nimport {\n  b,\n} from "./ui/b.js";\nawait import("./later.js");\n',
        "src/a.js": 'import "./ui/b.js";\nexport * from "./c.js";\n',
        "src/c.js": "",
        "src/later.js": "",
        "src/ui/b.js": 'import { a } from "../a.js";\nconst text = "./no.js";\n',
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def rewrite(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


def test_version_depends_on_names_and_contents_only(folder):
    first = Release(folder).version
    assert re.fullmatch("[0-9a-f]{12}", first)
    os.utime(folder / "src/c.js")
    assert Release(folder).version == first
    (folder / "src/c.js").write_text("1;", encoding="utf-8")
    changed = Release(folder).version
    (folder / "src/c.js").rename(folder / "src/d.js")
    assert len({first, changed, Release(folder).version}) == 3


def test_preloads_are_all_modules_but_those_of_import_calls(folder):
    release = Release(folder)
    assert release.preloads("src/page.js") == [release.url(f"src/{name}") for name in ("a.js", "ui/b.js", "c.js")]
    assert release.preloads("src/later.js") == []


def test_servers_of_one_process_share_a_release(folder):
    first = Assets(folder).current
    assert Assets(folder, is_watched=True).current is first
    rewrite(folder / "src/c.js", "1;")
    assert Assets(folder).current is not first


def test_changed_file_is_seen_where_files_are_watched(folder):
    watched, fixed = Assets(folder, is_watched=True), Assets(folder)
    before = watched.refresh()
    assert watched.refresh() is before
    rewrite(folder / "src/c.js", 'import "./later.js";\n')
    assert watched.refresh().version != before.version
    assert watched.current.preloads("src/a.js")[-1].endswith("/src/later.js")
    assert fixed.refresh().version == before.version


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCES)))
def test_every_import_is_relative_and_there(module):
    for name in _ANY_IMPORT.findall(module.read_text(encoding="utf-8")):
        assert name.startswith("."), name
        assert (module.parent / name).is_file(), name


def test_every_module_is_needed_by_a_page():
    texts = [path.read_text(encoding="utf-8") for path in (STATIC.parent / "templates").rglob("*.html")]
    entries = {name for text in texts for name in re.findall(r"src/[\w/.-]+\.js(?=[{'])", text)} - CLASSIC
    release = Release(STATIC)
    needed, queue = set(entries), [*entries, *WIDGET_ENTRIES]
    for module in queue:
        lazy = re.findall(r'\bimport\("([^"]+)"\)', (STATIC / module).read_text(encoding="utf-8"))
        for path in (*(address.split("/", 3)[3] for address in release.preloads(module)), *lazy_paths(module, lazy)):
            if path not in needed:
                needed.add(path)
                queue.append(path)
    unused = {path.relative_to(STATIC).as_posix() for path in MODULES} - needed - CLASSIC - set(WIDGET_ENTRIES)
    assert not unused


def lazy_paths(module, names):
    return [os.path.normpath(Path(module).parent / name) for name in names]
