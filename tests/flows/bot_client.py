"""A client of the bot over a real socket; it counts the answers sent and the frames received, which must be equal."""

import json

from tests.factories import connect_socket

DESCRIPTION = "Me duele la rodilla"


class BotClient:
    """A member in a dialogue with the bot. `last` is the last frame of the bot."""

    def __init__(self, client, who):
        self.client, self.person = client, who
        self.sent_count = self.received_count = 0
        self.last = {}

    @classmethod
    async def connect(cls, port, who):
        return cls(await connect_socket(port, who), who)

    async def start(self, **more):
        return await self.send(event="chatbot_init", **more)

    async def send_text(self, text):
        return await self.send(source="chatbot", message=text)

    async def press_button(self, label):
        """Press the first button whose text begins so."""
        return await self.send(source="chatbot", option=self.button(label))

    def button(self, label):
        return next(one["id"] for one in self.last["choices"] if one["label"].startswith(label))

    async def send(self, **frame):
        self.client.send_raw(json.dumps(frame))
        self.sent_count += 1
        return await self.receive()

    async def receive(self):
        self.last = await self.client.receive("chatbot_message")
        self.received_count += 1
        return self.last

    async def finish(self):
        """Check that each answer got exactly one frame; return the other frames that were received."""
        rest = await self.client.receive_until_pong()
        assert [frame for frame in rest if frame["event"] in ("chatbot_message", "error")] == []
        assert self.sent_count == self.received_count
        return rest

    async def go_to_slots(self, start=True):
        """Answer until the next free slots are offered."""
        if start:
            await self.start()
        await self.send_text(self.person.user.document_number)
        await self.press_button("En ")
        await self.send_text("cardio")
        await self.press_button("Cardiología")
        await self.press_button("Control")
        return await self.send_text(DESCRIPTION)

    async def go_to_summary(self):
        """Answer until the summary, with the first free slot."""
        await self.go_to_slots()
        return await self.press_button(self.last["options"][0])
