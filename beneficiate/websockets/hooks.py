"""What some commands do before or after their action: typing notices and the viewers of a chat."""

import contextlib

from beneficiate.actions.messages import SendFile
from beneficiate.errors import Problem
from beneficiate.protocol.board import WatchBoard
from beneficiate.protocol.commands import SendMessage, SendSupportMessage, StartTyping, StopTyping
from beneficiate.protocol.desk_tools import ChatChanged, StopViewingChat, ViewChat
from beneficiate.queries.viewers import ViewedChat, can_view
from beneficiate.websockets.dispatcher import CommandDispatcher


def end_typing(dispatcher: CommandDispatcher, command: SendMessage | SendSupportMessage | SendFile) -> bool:
    """End the typing that announced this message, for everyone who is shown it."""
    dispatcher.typing_state.discard(command.chat_id)
    dispatcher.context.viewers.set_typing(dispatcher.connection, command.chat_id, is_typing=False)
    return True


def record_typing_change(dispatcher: CommandDispatcher, command: StartTyping | StopTyping) -> bool:
    """Record the user's typing; return False when it was relayed already."""
    is_typing = isinstance(command, StartTyping)
    if not dispatcher.typing_state.is_change(command.chat_id, is_typing=is_typing):
        return False
    dispatcher.typing_state.record(command.chat_id, is_typing=is_typing)
    return True


def show_typing_to_viewers(
    dispatcher: CommandDispatcher, command: StartTyping | StopTyping, result: object = None
) -> None:
    """Show the user's typing to the staff who view the chat."""
    is_typing = isinstance(command, StartTyping)
    dispatcher.context.viewers.set_typing(dispatcher.connection, command.chat_id, is_typing=is_typing)


def forget_typing(dispatcher: CommandDispatcher, command: StartTyping | StopTyping) -> None:
    """Forget a typing notice that could not be relayed, so that the next one is relayed."""
    dispatcher.typing_state.discard(command.chat_id)


def add_viewer(dispatcher: CommandDispatcher, command: ViewChat | StopViewingChat, viewed: ViewedChat) -> None:
    """Add the connection to the viewers of the chat; tell it if it shows the chat as it was before."""
    may_miss_changes = dispatcher.context.viewers.add_viewer(dispatcher.connection, command.chat_id, viewed.viewer)
    if viewed.is_outdated:
        dispatcher.connection.send_event(ChatChanged(chat_id=command.chat_id))
    if may_miss_changes:
        dispatcher.run_task(_look_again(dispatcher, command))


async def _look_again(dispatcher: CommandDispatcher, command: ViewChat | StopViewingChat) -> None:
    """Tell a viewer what changed before changes by other processes arrived."""
    context, connection = dispatcher.context, dispatcher.connection
    await context.hub.wait_joined()
    context.viewers.ask_for_viewers(command.chat_id)
    # Who may not view the chat any more has been told already.
    with contextlib.suppress(Problem):
        if (await context.store.run(can_view, command, connection.actor)).is_outdated:
            connection.send_event(ChatChanged(chat_id=command.chat_id))


def add_board_watcher(dispatcher: CommandDispatcher, command: WatchBoard, result: object = None) -> None:
    """Send the connection the board from now on."""
    dispatcher.context.board.add_watcher(dispatcher.connection, command.topic)


def remove_viewer(dispatcher: CommandDispatcher, command: ViewChat | StopViewingChat, viewed: ViewedChat) -> None:
    """Remove the connection from the viewers of the chat."""
    dispatcher.context.viewers.remove_viewer(dispatcher.connection, command.chat_id)
