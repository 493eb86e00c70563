"""The application over PgBouncer in transaction mode, or a start that says why not."""

import asyncio

import psycopg2
import pytest

from beneficiate.database_startup import prepare_database
from beneficiate.models.appointments import Appointment
from beneficiate.models.base import SESSION_OPTIONS, database, open_database
from beneficiate.settings import InvalidSettings, Settings
from tests import servers
from tests.databases import empty_postgresql, execute_sql, migrate_database
from tests.factories import (
    PASSWORD,
    SECRET,
    agent,
    connect_socket,
    member_with_plan,
    specialty,
    support_chat,
    township,
)
from tests.flows.payment_steps import create_transaction, open_payment_and_link, payment_state
from tests.http_client import CookieClient, call_api
from tests.reconnecting_client import stored_messages
from tests.ws_client import wait_until

pytestmark = pytest.mark.slow
ROLE = "pooled"
END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pooled'"


@pytest.fixture(params=["postgresql"])
def backend(request):
    return request.param


@pytest.fixture
def role(postgresql_url):
    """A role whose sessions have the settings that the documentation names."""
    options = [f"ALTER ROLE {ROLE} SET {name} = '{value}'" for name, value in SESSION_OPTIONS.items()]
    execute_sql(postgresql_url, f"DROP ROLE IF EXISTS {ROLE}", f"CREATE ROLE {ROLE} LOGIN SUPERUSER", *options)
    yield ROLE
    execute_sql(postgresql_url, f"REASSIGN OWNED BY {ROLE} TO CURRENT_USER", f"DROP ROLE {ROLE}")


@pytest.fixture
def pooled(database_url, role, tmp_path_factory):
    """Settings of the test's database over PgBouncer; two connections for all threads, so that they change hands."""
    with servers.pgbouncer(database_url, tmp_path_factory.mktemp("bouncer"), role, default_pool_size=2) as url:
        yield {"database_url": url, "database_pooler": "transaction"}


@pytest.mark.gen_test(timeout=60)
async def test_sign_in_chat_booking_and_payment(pooled, open_shop):
    shop = await open_shop(**pooled)
    browser = CookieClient(shop.port)
    ana, yuliana = member_with_plan(), agent()
    await browser.sign_in(ana, PASSWORD)
    assert (await browser.get("/mi")).status == 200
    assert (
        await call_api(shop.port, "auth/login", method="POST", body={"email": "no@x.co", "password": "no"})
    ).status == 401

    chat = support_chat(ana, yuliana)
    at_home, at_desk = await connect_socket(shop.port, ana), await connect_socket(shop.port, yuliana, "/ws/agent")
    texts = [f"Mensaje {number}" for number in range(60)]
    for text in texts:
        assert (await at_home.request("agent_chat_message", chat_id=chat.id, message=text))["event"] == "ack"
    for text in texts:
        assert (await at_desk.receive("user_message"))["message"]["message"] == text
    assert [text for _, _, text in stored_messages(chat.id)] == texts

    request = {"first_time": True, "notes": "Rodilla", "specialty_id": specialty().id, "city_id": township().id}
    asked = await call_api(shop.port, "medical-appointment/create-pending", ana, method="POST", body=request)
    assert (asked.status, Appointment.get().user_id) == (201, ana.id)

    payment_id, link_id = await open_payment_and_link(shop.port, shop.member, shop.plan)
    await create_transaction(shop.sandbox, link_id)
    await wait_until(lambda: payment_state(payment_id)[:2] == ("APPROVED", True))


@pytest.mark.gen_test(timeout=60)
async def test_sessions_that_end_are_noticed_and_units_run_again(pooled, start, database_url):
    server = await start(**pooled)
    ana = member_with_plan()
    chat = support_chat(ana, agent())
    socket = await connect_socket(server.port, ana)
    assert (await socket.request("agent_chat_message", chat_id=chat.id, message="Uno"))["event"] == "ack"
    await asyncio.to_thread(execute_sql, database_url, END_SESSIONS)
    async with asyncio.timeout(15):
        while (await socket.request("agent_chat_message", chat_id=chat.id, message="Dos"))["event"] != "ack":  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert [text for _, _, text in stored_messages(chat.id)][-1] == "Dos"


def prepare(**settings):
    given = Settings(secret=SECRET, **settings)
    database.initialize(open_database(given.database_url, given.database_pooler))
    try:
        prepare_database(given)
    finally:
        database.obj.close_all()


@pytest.mark.parametrize("ignored", [{}, {"ignore_startup_parameters": "options"}])
def test_pooler_that_nobody_told_of_is_refused(database_url, role, tmp_path, ignored):
    with (
        servers.pgbouncer(database_url, tmp_path, role if not ignored else "postgres", **ignored) as url,
        pytest.raises(InvalidSettings, match="BENEFICIATE_DATABASE_POOLER=transaction"),
    ):
        prepare(database_url=url)


def test_role_without_the_settings_is_told_what_to_carry_out(database_url, pooled, postgresql_url):
    execute_sql(
        postgresql_url, f"ALTER ROLE {ROLE} RESET lock_timeout", f"ALTER ROLE {ROLE} SET timezone = 'Asia/Tokyo'"
    )
    with pytest.raises(InvalidSettings) as refused:
        prepare(**pooled)
    wanted = "ALTER ROLE CURRENT_USER SET timezone = 'UTC'; ALTER ROLE CURRENT_USER SET lock_timeout = '3000';"
    assert wanted in str(refused.value)


def test_migrations_do_not_run_over_a_pooler(database_url, role, tmp_path, postgresql_url):
    with (
        empty_postgresql(postgresql_url, "beneficiate_unmigrated") as empty,
        servers.pgbouncer(empty, tmp_path, role) as url,
    ):
        with pytest.raises(InvalidSettings, match=r"lacks 0001_first_tables.*python run.py migrate"):
            prepare(database_url=url, database_pooler="transaction")
        migrate_database(empty)
        prepare(database_url=url, database_pooler="transaction")


def test_plain_statements_over_a_pooler_need_no_plan_of_the_session(database_url, pooled):
    opened = open_database(pooled["database_url"], "transaction")
    for number in range(3):
        with opened.atomic():
            opened.queue_prepared("SELECT pg_sleep(%s::float)", (0,))
            assert opened.execute_prepared("SELECT %s::integer + 1", (number,)).fetchone() == (number + 1,)
    opened.close_all()
    with psycopg2.connect(pooled["database_url"]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (0,)
