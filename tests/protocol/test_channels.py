"""Channels never mix the role of an agent with the user behind it."""

from beneficiate.protocol import channels


def test_channels_of_one_number_are_distinct():
    makers = (
        channels.user_channel,
        channels.agent_channel,
        channels.connection_channel,
        channels.watched_chat_channel,
        channels.chat_viewers_channel,
        channels.viewing_channel,
    )
    names = {make(7) for make in makers}
    assert len(names) == len(makers)
    assert not names & {value for name, value in vars(channels).items() if name.endswith("_CHANNEL")}


def test_every_process_receives_what_is_for_one_connection():
    assert channels.bus_channel(channels.connection_channel(7)) == channels.EVERY_PROCESS
    assert channels.bus_channel(channels.user_channel(7)) == channels.user_channel(7)
