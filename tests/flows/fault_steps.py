"""Somebody who writes through a fault, and what the process says of itself."""

import asyncio

from tornado.httpclient import AsyncHTTPClient


class Writer:
    """A device that sends one message after another, each until it is stored, as our clients do."""

    def __init__(self, socket, chat_id):
        self._socket, self._chat_id = socket, chat_id
        self.stored, self.refused = [], 0
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self):
        """Wait for the message that is on its way, and raise what went wrong."""
        self._socket = None
        await self._task

    async def _run(self):
        number = 0
        while socket := self._socket:
            fields = {"chat_id": self._chat_id, "message": f"Mensaje {number}", "client_id": f"c{number}"}
            answer = await socket.request("agent_chat_message", **fields)
            if answer["event"] == "ack":
                self.stored.append(fields["message"])
                number += 1
            else:
                assert (answer["code"], answer["message"]) == (
                    "unavailable",
                    "El servicio no está disponible en este momento. Intente de nuevo en unos segundos.",
                )
                self.refused += 1
                await asyncio.sleep(0.02)


async def readiness(server):
    answer = await AsyncHTTPClient().fetch(f"http://127.0.0.1:{server.port}/readyz", raise_error=False)
    return answer.code


async def wait_for_readiness(server, status):
    for _ in range(400):
        if await readiness(server) == status:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"never {status}")
