"""Fewer indexes of chats: each message writes its chat into all of them."""

from beneficiate.migrations.online import create_indexes, drop_index, schema_change

atomic = False

# The first three are the beginnings of other indexes; the others were full of NULL.
DROPPED = [
    "chat_user_id",
    "chat_agent_id",
    "chat_peer_id",
    "chat_closed_by_id",
    "chats_topic_id",
    "chats_wanted_agent_id",
]

INDEXES = [
    "CREATE INDEX chats_closed_by ON chats (closed_by_id) WHERE closed_by_id IS NOT NULL",
    "CREATE INDEX chats_topic ON chats (topic_id) WHERE topic_id IS NOT NULL",
    "CREATE INDEX chats_wanted_agent ON chats (wanted_agent_id) WHERE wanted_agent_id IS NOT NULL",
]


def up(migrator, db):
    with schema_change(db):
        create_indexes(db, INDEXES)
        for name in DROPPED:
            drop_index(db, name)
