"""The conversations of a member and their files, as a copy has them."""

from beneficiate.models.chats import Attachment
from beneficiate.queries.copied_chats import CONVERSATION_TABLES
from tests.data_copies import FILE_IDS, member_with_everything, rows_by_code
from tests.factories import agent, direct_chat


def test_conversations_are_read_with_the_names_of_what_they_refer_to(db, settings):
    ana = member_with_everything(settings.files_folder)
    Attachment.update(line=None).where(Attachment.id.endswith("2")).execute()
    rows = rows_by_code(CONVERSATION_TABLES, ana)
    assert [row["sender"] for row in rows["messages"]] == ["USER", "AGENT", "BOT"]
    path = f"archivos/{FILE_IDS['Ana']}1/_.._orden_médica.png"
    assert [row["file"] for row in rows["messages"]] == [path, None, None]
    # An agent has taken the other one back.
    assert [row["path"] for row in rows["files"]] == [path]
    assert rows["chats"][0]["agent"] == "Yuliana"
    assert rows["chat_tags"][0]["tag"] == "Urgente"
    direct_chat(ana, agent())
    assert len(rows_by_code(CONVERSATION_TABLES, ana)["chats"]) == 1
