"""What a process cannot write is said when it starts, in one sentence."""

import pytest

from beneficiate import data_files
from beneficiate.settings import InvalidSettings, Settings
from tests.cli.test_group import run


@pytest.fixture
def wrong_place(tmp_path):
    """A path under a file: no user can create it."""
    (tmp_path / "plain").write_text("a file", encoding="utf-8")
    return tmp_path / "plain" / "folder"


def settings_of(tmp_path, **changes):
    return Settings(
        **{"database_url": f"sqlite:///{tmp_path}/a.db", "files_folder": str(tmp_path / "files"), **changes}
    )


def test_missing_folders_are_created(tmp_path, monkeypatch):
    monkeypatch.setattr(data_files, "OUTBOX", tmp_path / "var" / "outbox")
    settings = settings_of(tmp_path, database_url=f"sqlite:///{tmp_path}/deep/er/a.db")
    data_files.check_database_file(settings)
    data_files.check_folders(settings)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["deep", "files", "var"]
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_folders_that_cannot_be_written_are_named_with_their_setting(tmp_path, wrong_place, monkeypatch):
    monkeypatch.setattr(data_files, "OUTBOX", tmp_path / "outbox")
    with pytest.raises(InvalidSettings, match=r"BENEFICIATE_FILES: .*/folder cannot be written: Not a directory."):
        data_files.check_folders(settings_of(tmp_path, files_folder=str(wrong_place)))
    monkeypatch.setattr(data_files, "OUTBOX", wrong_place)
    with pytest.raises(InvalidSettings, match=r"SMTP_URL is not set: .*/plain/folder cannot be written"):
        data_files.check_folders(settings_of(tmp_path))
    data_files.check_folders(settings_of(tmp_path, smtp_url="smtp://mail.x.co"))


def test_file_that_sqlite_cannot_use_is_named(tmp_path, wrong_place):
    for path, reason in (
        (wrong_place / "a.db", "cannot be written: Not a directory"),
        (tmp_path, "cannot be written: Is a directory"),
        (wrong_place.parent, "is no database of SQLite"),
    ):
        with pytest.raises(InvalidSettings, match=f"DATABASE_URL: .*{reason}."):
            data_files.check_database_file(settings_of(tmp_path, database_url=f"sqlite:///{path}"))
    (tmp_path / "new.db").touch()
    data_files.check_database_file(settings_of(tmp_path, database_url=f"sqlite:///{tmp_path}/new.db"))
    data_files.check_database_file(settings_of(tmp_path, database_url="postgresql://u:p@host/name"))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "variables", "sentence"),
    [
        (["serve"], {"BENEFICIATE_FILES": "{plain}/x"}, "BENEFICIATE_FILES: {plain}/x cannot be written"),
        (["serve"], {"DATABASE_URL": "sqlite:///{plain}"}, "DATABASE_URL: {plain} is no database of SQLite"),
        (["migrate"], {"DATABASE_URL": "sqlite:///{plain}/a.db"}, "DATABASE_URL: {plain} cannot be written"),
        (["serve"], {"REDIS_URL": "redis://:clave@host:abc"}, "REDIS_URL must be"),
        (["serve"], {"BENEFICIATE_ADDRESS": "192.0.2.1"}, "Cannot listen on port 1 of BENEFICIATE_ADDRESS=192.0.2.1"),
        (
            ["serve"],
            {"BENEFICIATE_METRICS_ADDRESS": "10.255.255.1:9100"},
            "Cannot listen on port 9100 of BENEFICIATE_METRICS_ADDRESS=10.255.255.1:9100",
        ),
    ],
    ids=["files", "no database", "database under a file", "redis", "address", "metrics"],
)
def test_command_ends_with_a_sentence(arguments, variables, sentence, tmp_path, wrong_place, database_url):
    plain = str(wrong_place.parent)
    given = {name: value.format(plain=plain) for name, value in variables.items()}
    port = ["--port", "1"] if arguments == ["serve"] else []
    code, output = run([*arguments, *port], database_url, **{"BENEFICIATE_FILES": str(tmp_path / "files"), **given})
    assert (code, output.count("\n")) == (1, 1), output
    assert output.startswith(f"Error: {sentence.format(plain=plain)}")
    assert "clave" not in output
