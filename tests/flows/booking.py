"""The bot over a real socket: what is sent is written down, each answer is one frame."""

import json

from tests.people import connect

DESCRIPTION = "Me duele la rodilla"


class Bot:
    """A member's side of the conversation. `sent` counts answers, `heard` the bot's frames."""

    def __init__(self, voice, who):
        self.voice, self.who = voice, who
        self.sent = self.heard = 0
        self.last = {}

    @classmethod
    async def of(cls, port, who):
        return cls(await connect(port, who), who)

    async def start(self, **more):
        return await self.send(event="chatbot_init", **more)

    async def type(self, text):
        return await self.send(source="chatbot", message=text)

    async def press(self, label):
        """Press the first button whose text begins so."""
        return await self.send(source="chatbot", option=self.button(label))

    def button(self, label):
        return next(one["id"] for one in self.last["choices"] if one["label"].startswith(label))

    async def send(self, **frame):
        self.voice.say_raw(json.dumps(frame))
        self.sent += 1
        return await self.hear()

    async def hear(self):
        self.last = await self.voice.hear("chatbot_message")
        self.heard += 1
        return self.last

    async def over(self):
        """Nothing more comes than one frame an answer; what else was heard."""
        rest = await self.voice.silence(0.2)
        assert [frame for frame in rest if frame["event"] in ("chatbot_message", "error")] == []
        assert self.sent == self.heard
        return rest

    async def to_slots(self, start=True):
        """Until the next free times are offered."""
        if start:
            await self.start()
        await self.type(self.who.user.document_number)
        await self.press("En ")
        await self.type("cardiologia")
        await self.press("Cardiología")
        await self.press("Control")
        return await self.type(DESCRIPTION)

    async def to_summary(self):
        """The first of the free times is chosen."""
        await self.to_slots()
        return await self.press(self.last["options"][0])
