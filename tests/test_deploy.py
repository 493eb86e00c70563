"""The files of docs/deploy name what exists: settings, paths, ports and metrics; and what the Dockerfile does works.

Docker itself is not run: `python -m tests.image` carries out the Dockerfile step by step, without its base image.
"""

import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from beneficiate.models.base import SESSION_OPTIONS
from beneficiate.settings import Settings
from tests import image
from tests.server_process import ROOT
from tests.test_settings import PRODUCTION

DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
OTHERS = {"DATABASE_PASSWORD", "GRAFANA_PASSWORD", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"}
"""Variables of the other images."""
VARIABLES = {field.metadata["env"] for field in fields(Settings)}


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]


def read_example():
    """Return the settings of the example: those that are given, and the names of those that are left to fill in."""
    lines = (DEPLOY / "beneficiate.env.example").read_text(encoding="utf-8").splitlines()
    pairs = [line.partition("=")[::2] for line in lines if line and not line.startswith("#")]
    return {name: text for name, text in pairs if text}, {name for name, text in pairs if not text}


def test_every_service_is_given_variables_that_exist(services):
    ours = {name for one in ("beneficiate", "migrate") for name in services[one]["environment"]}
    assert ours <= VARIABLES
    others = {name for one in services.values() for name in one.get("environment", {})} - ours
    assert {name for name in others if not name.startswith("GF_")} <= OTHERS


def test_settings_of_the_services_are_accepted_in_production(services):
    given, missing = read_example()
    assert given.keys() | missing <= VARIABLES
    filled = {name: PRODUCTION[name] for name in missing & PRODUCTION.keys()}
    for name in ("beneficiate", "migrate"):
        environment = {
            key: re.sub(r"\$\{\w+:\?\}", "secret", text) for key, text in services[name]["environment"].items()
        }
        settings = Settings.from_environment({**given, **filled, **environment})
        assert settings.is_production
        assert settings.database_pooler == ("transaction" if "@pgbouncer:" in settings.database_url else "")


def test_files_that_are_mounted_exist(services):
    sources = {one.split(":")[0] for service in services.values() for one in service.get("volumes", [])}
    files = {DEPLOY / source for source in sources if source.startswith(".")} - {DEPLOY / "certificate"}
    assert [path for path in files if not path.resolve().is_file()] == []


def test_services_that_are_waited_for_exist_and_have_a_health_check(services):
    for service in services.values():
        waited = service.get("depends_on", {})
        assert set(waited) <= set(services)
        for name in waited:
            if isinstance(waited, dict) and waited[name]["condition"] == "service_healthy":
                assert "healthcheck" in services[name] or name == "beneficiate"


def test_prometheus_reads_every_worker(services):
    scraped = yaml.safe_load((DEPLOY / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    targets = [target for job in scraped for group in job["static_configs"] for target in group["targets"]]
    host, _, port = services["beneficiate"]["environment"]["BENEFICIATE_METRICS_ADDRESS"].partition(":")
    workers = int(services["beneficiate"]["command"][-1])
    assert targets == [f"{host}:{int(port) + number}" for number in range(workers)]
    assert services["beneficiate"]["networks"]["default"]["ipv4_address"] == host


def test_grafana_finds_prometheus_and_the_dashboard(services):
    (source,) = yaml.safe_load((DEPLOY / "grafana/datasource.yml").read_text(encoding="utf-8"))["datasources"]
    assert source["url"] == "http://prometheus:9090"
    assert "prometheus" in services
    (provider,) = yaml.safe_load((DEPLOY / "grafana/dashboards.yml").read_text(encoding="utf-8"))["providers"]
    mounted = {one.split(":")[1] for one in services["grafana"]["volumes"]}
    assert f"{provider['options']['path']}/beneficiate.json" in mounted


def test_role_has_the_settings_of_a_session():
    pairs = re.findall(r"^ALTER ROLE beneficiate SET (\w+) = '(.*)';$", (DEPLOY / "role.sql").read_text(), re.MULTILINE)
    assert dict(pairs) == {name: str(value) for name, value in SESSION_OPTIONS.items()}


def test_page_of_settings_says_why_of_each():
    text = (DEPLOY / "settings.md").read_text(encoding="utf-8")
    named = Counter(
        name for row in re.findall(r"^\| (`.+?) \|", text, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    )
    assert named == Counter(VARIABLES)
    reasons = re.findall(r"^\| `.+? \| (.+) \|$", text, re.MULTILINE)
    assert [reason for reason in reasons if len(reason) < 20] == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_accepts_the_unit(unit, tmp_path):
    # The program stands where the test runs; an instance of a template has a name.
    text = unit.read_text(encoding="utf-8").replace("/opt/beneficiate/.venv/bin/python", sys.executable)
    path = tmp_path / unit.name.replace("@.", "@8881.")
    path.write_text(text.replace("User=beneficiate\nGroup=beneficiate\n", ""), encoding="utf-8")
    checked = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True)
    assert [line for line in checked.stderr.splitlines() if path.name in line] == []


def test_dockerfile_is_slim_and_serves_what_it_copies(tmp_path):
    steps = image.read_steps()
    assert [argument for name, argument in steps if name == "FROM"][-1].split()[0].endswith("-slim-bookworm")
    assert any(name == "USER" and argument != "root" for name, argument in steps)
    copied = image.copy_files(steps, tmp_path / "app")
    kept = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert set(copied) == kept
    (tmp_path / "app" / ".venv").symlink_to(Path(sys.prefix))
    image.serve_and_check(steps, tmp_path / "app", tmp_path / "data")
