"""What several processes need is said in a sentence."""

import pytest
from click.testing import CliRunner

from beneficiate.cli.main import main
from tests.factories import SECRET

POSTGRESQL, REDIS = "postgresql://nobody@127.0.0.1:1/none", "redis://127.0.0.1:1/0"


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        ([], {"DATABASE_URL": "sqlite:///{folder}/x.db", "REDIS_URL": REDIS}, "--workers needs PostgreSQL"),
        ([], {"DATABASE_URL": POSTGRESQL, "REDIS_URL": ""}, "--workers needs REDIS_URL"),
        (["--sandbox"], {"DATABASE_URL": POSTGRESQL, "REDIS_URL": REDIS}, "--sandbox is for one process"),
    ],
)
def test_workers_are_refused_without_what_they_need(arguments, environment, sentence, tmp_path, monkeypatch):
    monkeypatch.setattr("beneficiate.cli.serve.configure_logging", lambda **options: None)
    environ = {name: value.format(folder=tmp_path) for name, value in environment.items()}
    environ |= {"BENEFICIATE_SECRET": SECRET, "BENEFICIATE_FILES": str(tmp_path / "files")}
    result = CliRunner().invoke(main, ["serve", "--workers", "2", *arguments], env=environ)
    assert result.exit_code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output
