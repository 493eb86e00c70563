"""Commands as an operator gives them, on a database of their own."""

import io
import os
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from click.testing import CliRunner

from beneficiate.cli.main import main
from beneficiate.clients.files import FolderFileStore
from beneficiate.models.accounts import SignIn
from beneficiate.models.base import database, open_database, write_transaction
from beneficiate.models.chats import Attachment
from beneficiate.models.facts import Fact
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests import servers
from tests.audit import write_audit
from tests.databases import empty_postgresql
from tests.factories import SECRET, agent, member, support_chat

NOW = datetime(2026, 5, 5, 15, tzinfo=UTC)
PROGRAMS = servers.postgresql_programs()


@pytest.fixture
def run(database_url, monkeypatch):
    """Run a command; what it printed. The models are bound to its database afterwards."""
    # Some commands configure the log of their process, which here is that of all tests.
    before, configure = structlog.get_config(), structlog.configure
    monkeypatch.setattr(
        structlog, "configure", lambda **options: configure(**{**options, "cache_logger_on_first_use": False})
    )
    environ = {"DATABASE_URL": database_url, "BENEFICIATE_SECRET": SECRET, "BENEFICIATE_ENV": "development"}
    opened = open_database(database_url)
    database.initialize(opened)

    def run_command(*arguments, code=0, **more):
        opened.close_all()
        result = CliRunner().invoke(main, arguments, env={**environ, **more})
        assert result.exit_code == code, result.output
        database.initialize(opened)
        return result.output

    yield run_command
    # Not its defaults: those print a traceback with all variables of its frames, for as long as 20 s of a core.
    configure(**before)
    opened.close_all()


@pytest.fixture(autouse=True)
def _postgresql_programs(monkeypatch):
    """`pg_dump` and `pg_restore` of the server's own version come first."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def site(run, database_url, tmp_path):
    """A database with a chat, a sign-in, an entry of the audit log and a file, and the folder for a backup."""
    with database.obj.connection_context(), write_transaction():
        ana = member()
        chat = support_chat(ana, agent())
        key = store_file(chat, tmp_path / "files", b"%PDF-1.7 resultado")
        SignIn.create(
            family=str(uuid.uuid4()), user=ana.id, kind="api", secret_hash="x", created_at=NOW, expires_at=NOW
        )
        write_audit(UnitOfWork(SYSTEM, NOW), "hours.set_week", "week")
        # On PostgreSQL in three partitions: of before, of this month or the first that was made, and the default one.
        for at in (NOW, datetime.now(UTC) + timedelta(days=62), datetime(2100, 1, 1, tzinfo=UTC)):
            Fact.create(at=at, kind="opened", actor_role="member", chat_id=chat.id)
    return Site(run, database_url, tmp_path, key)


class Site:
    """What is backed up, and the commands with their settings."""

    def __init__(self, run_command, url, tmp_path, key):
        self._run, self.url, self.folder, self.key = run_command, url, tmp_path / "copy", key
        self.files, self.other_files = tmp_path / "files", tmp_path / "other-files"
        self.stored = self.files / key[:2] / key[2:4] / key

    def back_up(self, **more):
        return self._run("backup", str(self.folder), BENEFICIATE_FILES=str(self.files), **more)

    def restore(self, url, *options, **more):
        settings = {"DATABASE_URL": url, "BENEFICIATE_FILES": str(self.other_files), **more}
        return self._run("restore", str(self.folder), *(options or ("--without-erasures",)), **settings)


@pytest.fixture
def empty_url(database_url, tmp_path):
    """The URL of a database without tables."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/empty/restored.db"
        return
    with empty_postgresql(database_url, f"beneficiate_restored_{os.getpid()}") as url:
        yield url


def store_file(chat, files, content):
    """A message with a file in the chat; return the file's key."""
    key = str(uuid.uuid4())
    row = {"chat": chat.id, "uploader": chat.user_id, "name": "resultado.pdf", "kind": "pdf", "size": len(content)}
    Attachment.insert(id=key, created_at=NOW, **row).execute()
    FolderFileStore(files).put(key, io.BytesIO(content))
    return key
