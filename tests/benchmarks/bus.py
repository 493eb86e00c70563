"""What a message on the bus costs in processor time, in µs: `python -m tests.benchmarks.bus`.

Three processes with 1,000 people each. One publishes messages of 1,000 chats: the members are its own, the agents are
those of the second process; nobody of the third one is concerned. One message at a time, then fifty.
"""

import asyncio
import json
import os
import subprocess
import sys
import time

import redis.asyncio

from beneficiate.protocol import channels
from beneficiate.realtime.bus import BusMessage
from beneficiate.realtime.redis_bus import RedisBus
from tests import servers

PEOPLE = 1_000
LOADS = ((1, 1_500, 0.001), (50, 60, 0.02))
"""Messages at a time, how many times, and the pause in seconds."""
PAYLOAD = b'{"event":"agent_chat_message","chat_id":123,"message":{"id":1234567,"message":"' + b"hola " * 10 + b'"}}'
ROLES = ("publisher", "concerned", "foreign")
FIRST_ID = {role: 1 + 10_000 * number for number, role in enumerate(ROLES)}


def make_message(number: int) -> BusMessage:
    agent_id = FIRST_ID["concerned"] + number % PEOPLE
    chat = channels.watched_chat_channel(number % PEOPLE)
    return BusMessage((channels.user_channel(1 + number % PEOPLE), channels.agent_channel(agent_id), chat), PAYLOAD)


async def take_part(role: str) -> None:
    """Join what the people of this process listen to, and print the processor time of each load when it is over."""
    received: list[BusMessage] = []
    bus = RedisBus(os.environ["BENCH_REDIS_URL"])
    await bus.start(received.append, lambda: None)
    for number in range(FIRST_ID[role], FIRST_ID[role] + PEOPLE):
        for channel in (channels.user_channel, channels.agent_channel, channels.sign_in_channel):
            bus.join(channel(number))
    await bus.wait_joined()
    for at_once, times, pause_s in LOADS:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        before, began = len(received), time.process_time()
        for one in range(times if role == "publisher" else 0):
            bus.publish([make_message(one * at_once + number) for number in range(at_once)])
            await asyncio.sleep(pause_s)
        await asyncio.to_thread(sys.stdin.readline)
        print(json.dumps([time.process_time() - began, len(received) - before]), flush=True)
    await bus.stop()


async def _redis_seconds(url: str) -> float:
    async with redis.asyncio.Redis.from_url(url) as client:
        used = await client.info("cpu")
    return float(used["used_cpu_user"] + used["used_cpu_sys"])


def main() -> None:
    with servers.redis_server() as url:
        environment = {**os.environ, "BENCH_REDIS_URL": url}
        processes = {
            role: subprocess.Popen(
                [sys.executable, "-m", "tests.benchmarks.bus", role],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            )
            for role in ROLES
        }
        for at_once, times, pause_s in LOADS:
            redis_began = asyncio.run(_redis_seconds(url))
            for step in ("begin", "end"):
                for process in processes.values():
                    if step == "begin":
                        process.stdout.readline()  # type: ignore[union-attr]
                    process.stdin.write("\n")  # type: ignore[union-attr]
                    process.stdin.flush()  # type: ignore[union-attr]
                time.sleep(2.5 * times * max(pause_s, 0.002) if step == "begin" else 0)
            print(f"{at_once} at a time:", end="")
            for role, process in processes.items():
                seconds, count = json.loads(process.stdout.readline())  # type: ignore[union-attr]
                print(f"  {role} {1e6 * seconds / at_once / times:.0f} µs ({count} received)", end="")
            print(f"  redis {1e6 * (asyncio.run(_redis_seconds(url)) - redis_began) / at_once / times:.0f} µs")
        for process in processes.values():
            process.communicate()


if __name__ == "__main__":
    asyncio.run(take_part(sys.argv[1])) if len(sys.argv) > 1 else main()
