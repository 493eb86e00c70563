"""Figures of the import of the old service: `python -m tests.benchmarks.legacy_import [sqlite|postgresql] [MESSAGES]`.

200,000 messages unless another number is given, 40 in each chat, one chat for each member, in a generated database of
the old service on a real PostgreSQL: seconds, those of the processor and the most memory, for a fifth and for all.
"""

import platform
import re
import resource
import subprocess
import sys
import time

from tests import servers
from tests.benchmarks.bench_env import bench_database, requested_backends
from tests.legacy_data import OldDatabase, old_database
from tests.server_process import process_environment

MESSAGES, MESSAGES_PER_CHAT = 200_000, 40
TEXT = "Buenos dÃ­as, quisiera confirmar la cita de cardiologÃ­a del martes, gracias. "
COMMAND = (
    "import resource, sys; from beneficiate.cli.main import main\n"
    "try: main()\n"
    "finally:\n    used = resource.getrusage(resource.RUSAGE_SELF)\n"
    "    print('USED', round(used.ru_utime + used.ru_stime), used.ru_maxrss // 1024, file=sys.stderr)"
)


def fill_old_database(old: OldDatabase, messages: int) -> None:
    """Fill a database of the old service with so many messages."""
    old.agent()
    members = messages // MESSAGES_PER_CHAT
    old.run(
        "INSERT INTO users (first_name, last_name, identification_type, identification_number, email, phone, "
        "birth_date, city_id, password, created_at) SELECT 'JosÃ©', 'Rojas', 'cc', (20000000 + i)::text, "
        "'persona' || i || '@carga.co', '3104428016', '1984-03-14', 1, %s, '2024-01-01' "
        "FROM generate_series(1, %s) AS i",
        "$2b$10$" + "a" * 53,
        members,
    )
    old.run(
        "INSERT INTO agent_chats (user_id, agent_id, status, created_at) "
        "SELECT id, 1, 'CLOSED', created_at FROM users WHERE email LIKE '%carga.co'"
    )
    old.run(
        "INSERT INTO agent_chat_messages (chat_id, sender_id, sender_type, message, status, sent_at) "
        "SELECT c.id, CASE WHEN i %% 2 = 0 THEN 1 ELSE c.user_id END, "
        "CASE WHEN i %% 2 = 0 THEN 'AGENT' ELSE 'USER' END, "
        "%s || i, 'READ', '2024-01-02'::timestamp + i * interval '1 minute' "
        "FROM agent_chats AS c CROSS JOIN generate_series(1, %s) AS i",
        TEXT,
        MESSAGES_PER_CHAT,
    )
    old.run("ANALYZE")


def measure_import(old: OldDatabase, url: str) -> tuple[float, int, int]:
    """Import into a database; return the seconds, those of the processor, and the most memory in MB."""
    environ = process_environment(url, LEGACY_DATABASE_URL=old.url)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "import-legacy"], env=environ, check=True, capture_output=True, text=True
    )
    took = time.monotonic() - began
    found = re.search(r"USED (\d+) (\d+)", done.stderr)
    assert found is not None
    return took, int(found[1]), int(found[2])


def main() -> None:
    messages = next((int(one) for one in sys.argv[1:] if one.isdecimal()), MESSAGES)
    print(f"Python {platform.python_version()}; {resource.getpagesize()} bytes a page; with the start of the process")
    for backend in requested_backends():
        for size in (messages // 5, messages):
            with (
                servers.postgresql_server() as server,
                old_database(server, "old_service") as old,
                bench_database(backend) as (_, url),
            ):
                fill_old_database(old, size)
                took, used, peak = measure_import(old, url)
                print(f"{backend}: {size:,} messages in {took:.1f} s ({used} s of a core), {peak} MB", flush=True)


if __name__ == "__main__":
    main()
