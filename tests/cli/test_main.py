"""The command line, as an operator uses it."""

import json
import re
from datetime import UTC, datetime

from beneficiate.cli.main import main
from beneficiate.models.accounts import Agent, Supervisor, User
from beneficiate.models.audit import AuditEntry
from beneficiate.models.base import database
from beneficiate.models.chats import Chat
from beneficiate.unit_of_work import SYSTEM, UnitOfWork
from tests.audit import write_audit
from tests.factories import connect_socket
from tests.http_client import CookieClient, call_api

PASSWORD = "una clave bien larga"
MARTA = {
    "--email": " Marta@X.co ",
    "--first-name": "Marta",
    "--last-name": "Ruiz",
    "--document-type": "CC",
    "--document-number": "52000111",
    "--password": PASSWORD,
}


PRODUCTION = {
    "BENEFICIATE_ENV": "production",
    "BENEFICIATE_ENCRYPTION_KEYS": "9f86d081884c7d659a2feaa0c55ad015",
    "BENEFICIATE_PUBLIC_URL": "https://x.co",
    "BENEFICIATE_PROXIES": "1",
    "BENEFICIATE_CONTACT_PHONE": "601 555 0100",
    "BENEFICIATE_CONTACT_EMAIL": "ayuda@x.co",
    "SMTP_URL": "smtp://mail.x.co",
}


def options(**changes):
    return [argument for pair in {**MARTA, **changes}.items() for argument in pair]


def test_migrating_twice_is_harmless(run):
    assert run("migrate") == run("migrate") == "Nothing to apply.\n"


def test_demo_data_is_loaded_once(run):
    first = run("demo-data")
    people = User.select().count()
    assert run("demo-data") == first
    assert (User.select().count(), Agent.select().count()) == (people, 6 + 1)  # the supervisor can answer too


def test_first_supervisor_can_sign_in(run, start, io_loop):
    output = run("create-supervisor", *options())
    assert re.fullmatch(r"Supervisor \d+ created\.\n", output)
    marta = User.get(User.email == "marta@x.co")
    assert (marta.name, Supervisor.get().user_id) == ("Marta Ruiz", marta.id)

    async def sign_in():
        server = await start()
        answer = await call_api(server.port, "auth/login", None, {"email": "marta@x.co", "password": PASSWORD})
        browser = CookieClient(server.port)
        await browser.get("/login")
        page = await browser.post("/login", email="marta@x.co", password=PASSWORD)
        return answer.data["user"]["role"], page.status

    assert io_loop.run_sync(sign_in) == ("supervisor", 303)


def test_a_supervisor_needs_a_long_password_and_an_address_of_their_own(run):
    assert "al menos 12 caracteres" in run("create-supervisor", *options(**{"--password": "corta"}), code=1)
    assert not User.select().exists()
    run("create-supervisor", *options())
    assert "Ya hay una cuenta" in run("create-supervisor", *options(), code=1)
    assert User.select().count() == 1


def test_load_data_prints_pairs_that_can_talk(run, start, io_loop):
    pairs = json.loads(run("load-data", "--pairs", "3"))
    assert len({pair["chat_id"] for pair in pairs}) == Chat.select().count() == 3

    async def talk(pair):
        server = await start()
        member = await connect_socket(server.port, None, protocols=["beneficiate", pair["member_token"]])
        agent = await connect_socket(server.port, None, "/ws/agent", ["beneficiate", pair["agent_token"]])
        ack = await member.request("agent_chat_message", chat_id=pair["chat_id"], message="Hola")
        return ack["message"] == (await agent.receive("user_message"))["message"]

    assert io_loop.run_sync(lambda: talk(pairs[1]))
    run("load-data", "--pairs", "2")
    assert Chat.select().count() == 5


def test_account_is_deactivated_and_activated(run):
    run("create-supervisor", *options())
    for command, is_active in (("deactivate", False), ("activate", True)):
        run(command, "MARTA@x.co")
        assert User.get().is_active is is_active
    assert "No encontramos" in run("deactivate", "nadie@x.co", code=1)


def test_audit_is_verified_against_what_the_log_has_noted(run, tmp_path):
    assert "no audit log" in run("verify-audit", code=1, DATABASE_URL=f"sqlite:///{tmp_path}/other.db")
    run("migrate")
    uow = UnitOfWork(SYSTEM, datetime.now(UTC))
    with database.atomic():
        write_audit(uow, "hours.set_day", "day:2026-11-29")
    anchor = f"1:{AuditEntry.get().hash}"
    assert "1 registros" in run("verify-audit", "--anchor", anchor)
    assert "tiene otra huella" in run("verify-audit", "--anchor", f"1:{'0' * 64}", code=1)
    assert "posición:huella" in run("verify-audit", "--anchor", "1", code=1)


def test_data_are_for_their_own_user_alone(run, tmp_path):
    path, files = tmp_path / "data" / "new.db", tmp_path / "files"
    files.mkdir(mode=0o755)
    settings = {"DATABASE_URL": f"sqlite:///{path}", "BENEFICIATE_FILES": str(files)}
    run("migrate", **settings)
    assert [one.stat().st_mode & 0o777 for one in (path.parent, path, files)] == [0o700, 0o600, 0o700]
    path.chmod(0o644)
    run("migrate", **settings)
    assert path.stat().st_mode & 0o777 == 0o600


def test_production_refuses_development_commands(run):
    for arguments in (["demo-data"], ["load-data", "--pairs", "1"]):
        run(*arguments, code=1, **PRODUCTION)
    assert not User.select().exists()


def test_production_refuses_the_local_wompi(run):
    keys = {"WOMPI_PUBLIC_KEY": "pub_prod_x7Q", "WOMPI_PRIVATE_KEY": "prv_prod_x7Q"}
    keys |= {"WOMPI_EVENTS_SECRET": "prod_events_x7Q", "WOMPI_INTEGRITY_SECRET": "prod_integrity_x7Q"}
    for more in ({}, keys):
        output = run("serve", "--sandbox", code=1, **PRODUCTION, **more)
        assert output.startswith("Error: The local Wompi is for development")
        assert "x7Q" not in output


def test_payment_commands_need_keys_of_wompi(run):
    for arguments in (["reconcile"], ["replay-events"], ["replay-events", "--failed"]):
        assert run(*arguments, code=1) == "Error: Wompi's keys are not configured.\n"
        assert run(*arguments, code=1, WOMPI_PUBLIC_KEY="pub_test_x7Q") == "Error: Wompi's keys are not configured.\n"


def test_invalid_settings_are_named_without_a_traceback(run):
    for arguments in (["migrate"], ["serve"], ["demo-data"]):
        output = run(*arguments, code=1, BENEFICIATE_SECRET="short")
        assert output == "Error: BENEFICIATE_SECRET must have at least 32 bytes.\n"


def test_the_help_names_every_command(run):
    output = run("--help")
    assert all(name in output for name, command in main.commands.items() if not command.hidden)
