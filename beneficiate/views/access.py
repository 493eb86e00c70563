"""A chat as its access rules see it: who takes part, and which channels concern whom."""

from dataclasses import dataclass
from datetime import datetime

from beneficiate.errors import NotFound
from beneficiate.models.chats import DIRECT
from beneficiate.protocol import channels
from beneficiate.unit_of_work import Actor


@dataclass(slots=True)
class ChatAccess:
    """The columns of a chat that decide what a person may do in it, and who sits on the other side.

    The `user` side is the member's; in a direct chat, that of the colleague who began it. The other side is the
    agent's, or the `peer` of a direct chat. `awaiting_since` is since when the member waits: an instant, or as SQLite
    stores it.
    """

    id: int
    kind: str
    status: str
    user_id: int
    agent_id: int | None
    peer_id: int | None
    last_seq: int
    user_delivered_seq: int
    user_read_seq: int
    other_delivered_seq: int
    other_read_seq: int
    awaiting_since: datetime | str | None = None

    def is_user_side(self, actor: Actor) -> bool:
        """Return whether the actor is on the `user` side (or else on the other). Raises NotFound for anybody else."""
        if self.user_id == actor.user_id:
            return True
        if not self.is_participant(actor):
            raise NotFound
        return False

    def is_participant(self, actor: Actor) -> bool:
        """Return whether the actor takes part in the chat, on either side."""
        if self.user_id == actor.user_id:
            return True
        if self.kind == DIRECT:
            return self.peer_id == actor.user_id
        return self.agent_id is not None and self.agent_id == actor.agent_id

    def delivered_seq(self, is_user_side: bool) -> int:
        """Return the `seq` of the last message that was delivered to a side."""
        return self.user_delivered_seq if is_user_side else self.other_delivered_seq

    def read_seq(self, is_user_side: bool) -> int:
        """Return the `seq` of the last message that a side has read."""
        return self.user_read_seq if is_user_side else self.other_read_seq

    def channels_of_other_side(self, is_user_side: bool) -> tuple[str, ...]:
        """Return the channel of the side across from this one; none while no agent has the chat."""
        return self._other_side_channels() if is_user_side else (channels.user_channel(self.user_id),)

    @property
    def viewer_channels(self) -> tuple[str, ...]:
        """The channel of the staff who are viewing a support chat; a direct chat has none."""
        return () if self.kind == DIRECT else (channels.chat_viewers_channel(self.id),)

    @property
    def message_channels(self) -> tuple[str, ...]:
        """The channels of both sides, and for a support chat that of the staff who are viewing it."""
        if self.kind == DIRECT:
            return self.participant_channels
        return (*self.participant_channels, channels.watched_chat_channel(self.id))

    @property
    def participant_channels(self) -> tuple[str, ...]:
        """The channels of both sides; one while no agent has the chat."""
        return (channels.user_channel(self.user_id), *self._other_side_channels())

    def _other_side_channels(self) -> tuple[str, ...]:
        if self.peer_id is not None:
            return (channels.user_channel(self.peer_id),)
        return () if self.agent_id is None else (channels.agent_channel(self.agent_id),)
