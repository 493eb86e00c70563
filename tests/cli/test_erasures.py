"""Commands about erased members: a restored backup brings nobody back, and who comes with a document is found."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from beneficiate.clients.files import FolderFileStore
from beneficiate.domain.booking.rules import BusinessRules
from beneficiate.models.accounts import User
from beneficiate.models.base import database, open_database
from beneficiate.models.consents import Consent
from beneficiate.models.erasures import ERASED, Erasure
from beneficiate.services.attachments import AttachmentService
from beneficiate.services.erasures import ErasureService
from beneficiate.settings import Settings
from beneficiate.store import Store
from beneficiate.unit_of_work import Actor
from tests.erasure_steps import ask_to_be_erased
from tests.factories import PASSWORD_HASH, SECRET, Person


@pytest.fixture
def ana(site):
    """The member of the backup, whose chat has a file; with a password and a consent."""
    with database.obj.connection_context():
        user = User.select().order_by(User.id).first()
        User.update(password_hash=PASSWORD_HASH, document_type="CC", document_number="52803456").where(
            User.id == user.id
        ).execute()
        Consent.create(
            user=user.id,
            kind="personal_data",
            version="1",
            address="10.0.0.1",
            given_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    return user


def erase(site, user, path):
    """Let the member ask for it eight days ago, and carry it out as the job does."""

    async def carry_out():
        settings = Settings(secret=SECRET, database_url=site.url, files_folder=str(site.files), erasures_file=str(path))
        store = Store(database.obj, lambda outgoing: None, BusinessRules.from_settings(settings))
        attachments = AttachmentService(store, FolderFileStore(site.files))
        try:
            return await ErasureService(store, attachments, settings, lambda: False).carry_out_due()
        finally:
            attachments.close()
            await store.close()

    with database.obj.connection_context():
        ask_to_be_erased(Person(user, Actor(user.id, "member")))
    assert asyncio.run(carry_out()) == 1


def people(url):
    opened = open_database(url)
    with opened.connection_context():
        rows = opened.execute_sql("SELECT email, first_name, document_number FROM users ORDER BY id").fetchall()
    opened.close_all()
    return rows


def test_a_restore_demands_the_list_and_erases_again(site, empty_url, ana, tmp_path):
    site.back_up()
    path = tmp_path / "list" / "erasures.jsonl"
    erase(site, ana, path)
    assert not site.stored.exists()
    said = site.restore(empty_url, "--erasures", str(tmp_path / "missing"), code=1)
    assert "--without-erasures" in said
    said = site.restore(empty_url, "--erasures", str(path))
    assert "1 members were erased again, 0 were erased already." in said
    assert people(empty_url)[0] == (f"{ana.id}@borrado.invalid", "Persona", f"borrado-{ana.id}")
    assert not list(site.other_files.rglob(f"{site.key}*"))
    assert "La cadena está completa" in site._run("verify-audit", DATABASE_URL=empty_url)


def test_list_of_the_settings_is_taken_by_itself(site, empty_url, ana, tmp_path):
    site.back_up()
    path = tmp_path / "erasures.jsonl"
    erase(site, ana, path)
    settings = {"DATABASE_URL": empty_url, "BENEFICIATE_FILES": str(site.other_files)}
    said = site._run("restore", str(site.folder), **settings, BENEFICIATE_ERASURES=str(path))
    assert "1 members were erased again" in said


def test_after_another_kind_of_restore_it_is_a_command(run, site, ana, tmp_path):
    path = tmp_path / "erasures.jsonl"
    erase(site, ana, path)
    assert json.loads(run("list-erasures")) == json.loads(path.read_text())
    assert "0 members were erased again, 1 were erased already." in run("erase-again", "--from", str(path))
    # As a restore to an earlier second has it.
    with database.obj.connection_context():
        Erasure.delete().execute()
        User.update(first_name="Ana", document_type="CC", document_number="52803456", password_hash="x").where(
            User.id == ana.id
        ).execute()
    files = {"BENEFICIATE_FILES": str(site.files), "BENEFICIATE_ERASURES": str(path)}
    assert "1 members were erased again" in run("erase-again", "--from", str(path), **files)
    with database.obj.connection_context():
        assert (User.get_by_id(ana.id).first_name, Erasure.get().state) == ("Persona", ERASED)


def test_another_secret_or_a_file_that_is_no_list_erases_nobody(run, site, ana, tmp_path):
    path = tmp_path / "erasures.jsonl"
    erase(site, ana, path)
    with database.obj.connection_context():
        Erasure.delete().execute()
    said = run("erase-again", "--from", str(path), code=1, BENEFICIATE_SECRET="another secret of 32 bytes or more")
    assert ("Not found: CE-" in said, "BENEFICIATE_SECRET" in said) == (True, True)
    path.write_text("no es una lista")
    assert "no list of erasures" in run("erase-again", "--from", str(path), code=1)


def test_who_comes_with_the_document_is_found(run, site, ana, tmp_path):
    erase(site, ana, tmp_path / "erasures.jsonl")
    found = run("find-erasure", "--document-type", "CC", "--document-number", "52.803.456")
    assert f"user {ana.id}, erased" in found
    assert "personal_data 1, given 2026-01-01" in found
    assert "Nobody" in run("find-erasure", "--document-type", "CC", "--document-number", "52803457")
    run("find-erasure", "--document-type", "CC", "--document-number", "no", code=1)
