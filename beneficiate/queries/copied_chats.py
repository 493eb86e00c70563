"""What a copy has of a member's conversations with the call centre, and of the files in them."""

from peewee import JOIN, ModelSelect

from beneficiate.models.accounts import Agent, User
from beneficiate.models.call_centre import Topic
from beneficiate.models.chats import SUPPORT, Attachment, Chat, ChatEvent, ChatTag, Message, Rating, Tag
from beneficiate.queries.copied_tables import (
    INTERNAL_NOTE,
    OF_TEAM,
    TECHNICAL,
    CopiedTable,
    add_file_path,
    file_column,
    read_column,
)
from beneficiate.views.account import CHAT_BADGES

CHAT_STATUS_NAMES = {status: badge.label for status, badge in CHAT_BADGES.items()}
SENDER_NAMES = {"USER": "Usted", "AGENT": "Agente", "BOT": "Asistente", "SYSTEM": "Aviso"}
EVENT_NAMES = {"returned": "Volvió a la cola", "transferred": "Pasó a otra persona", "reopened": "Se abrió de nuevo"}
OF_QUEUE = "Es cómo el equipo reparte y cuida su trabajo; lo que le toca a usted está en «Lo que pasó»."
_LEFT_OF_CHATS = {
    "kind": "Siempre es una conversación con el equipo.",
    "peer": "Solo lo tienen las conversaciones del equipo entre sí.",
    "last_line": "Es el último de los mensajes.",
    "other_delivered_seq": OF_TEAM,
    "other_read_seq": OF_TEAM,
    "other_unread": OF_TEAM,
    "closed_by": OF_TEAM,
    **dict.fromkeys(("is_front", "wanted_agent", "reply_due_at", "needs_first_reply", "replied_span"), OF_QUEUE),
    **dict.fromkeys(("service_level", "response_due_at", "response_warn_at", "resolution_due_at"), OF_QUEUE),
    **dict.fromkeys(("resolution_warn_at", "resolution_used_s", "alarm_at"), OF_QUEUE),
    "cleared_at": "Los mensajes mismos dicen que su texto se borró.",
}


def _select_chats(user_id: int) -> ModelSelect:
    query = Chat.select().join(Topic, JOIN.LEFT_OUTER).switch(Chat).join(Agent, JOIN.LEFT_OUTER, on=Chat.agent)
    return query.join(User, JOIN.LEFT_OUTER, on=Agent.user).where(Chat.user == user_id, Chat.kind == SUPPORT)


def _of_own_chats(user_id: int, query: ModelSelect) -> ModelSelect:
    return query.join(Chat).where(Chat.user == user_id, Chat.kind == SUPPORT)


def _select_messages(user_id: int) -> ModelSelect:
    query = _of_own_chats(user_id, Message.select()).switch(Message)
    return query.join(Attachment, JOIN.LEFT_OUTER, on=Attachment.line == Message.id)


def _select_files(user_id: int) -> ModelSelect:
    # Without a message its agent has taken it back, and nobody sees it any more.
    query = _of_own_chats(user_id, Attachment.select()).switch(Attachment)
    return query.join(Message, on=Attachment.line == Message.id)


def _select_tags(user_id: int) -> ModelSelect:
    return _of_own_chats(user_id, ChatTag.select()).switch(ChatTag).join(Tag)


CONVERSATION_TABLES = (
    CopiedTable(
        "chats",
        "Sus conversaciones",
        Chat,
        _select_chats,
        (Chat.id,),
        (
            read_column("id", "Número", Chat.id),
            read_column("status", "Estado", Chat.status, names=CHAT_STATUS_NAMES),
            read_column("topic", "Tema", Topic.name, "topic"),
            read_column("agent", "La atendió", User.first_name, "agent"),
            read_column("created_at", "Empezó", Chat.created_at),
            read_column("updated_at", "Último cambio", Chat.updated_at),
            read_column("closed_at", "Terminó", Chat.closed_at),
            read_column("assigned_at", "La tomó una persona", Chat.assigned_at),
            read_column("awaiting_since", "Espera respuesta desde", Chat.awaiting_since),
            read_column("messages", "Mensajes", Chat.last_seq),
            read_column("delivered", "Mensajes recibidos", Chat.user_delivered_seq),
            read_column("read", "Mensajes leídos", Chat.user_read_seq),
            read_column("unread", "Mensajes sin leer", Chat.user_unread),
            read_column("is_with_person", "El asistente calla", Chat.bot_muted),
            read_column("times", "Veces que se abrió", Chat.span),
            read_column("urgent", "Vez en que escribió de una urgencia", Chat.urgent_span),
        ),
        _LEFT_OF_CHATS,
        is_conversation=True,
    ),
    CopiedTable(
        "messages",
        "Los mensajes",
        Message,
        _select_messages,
        (Message.chat, Message.seq),
        (
            read_column("id", "Número interno", Message.id),
            read_column("chat_id", "Conversación", Message.chat),
            read_column("seq", "Mensaje", Message.seq),
            read_column("sender", "De", Message.sender_type, names=SENDER_NAMES),
            read_column("sender_name", "Nombre", Message.sender_name),
            read_column("sent_at", "Fecha", Message.sent_at),
            read_column("text", "Texto", Message.message),
            read_column("recalled_at", "Lo retiró quien lo escribió", Message.recalled_at),
            read_column("file_id", "", Attachment.id, "-"),
            read_column("file_name", "", Attachment.name, "-"),
        ),
        {"sender_id": TECHNICAL, "client_id": TECHNICAL},
        derive=add_file_path("file"),
        derived=(file_column("file"),),
        hidden=("file_id", "file_name"),
        is_conversation=True,
    ),
    CopiedTable(
        "files",
        "Los archivos",
        Attachment,
        _select_files,
        (Attachment.id,),
        (
            read_column("id", "Número interno", Attachment.id),
            read_column("chat_id", "Conversación", Attachment.chat),
            read_column("message_id", "Número interno del mensaje", Attachment.line),
            read_column("name", "Nombre", Attachment.name),
            read_column("kind", "Tipo", Attachment.kind),
            read_column("size", "Bytes", Attachment.size),
            read_column("width", "Ancho", Attachment.width),
            read_column("height", "Alto", Attachment.height),
            read_column("created_at", "Enviado", Attachment.created_at),
            read_column("file_id", "", Attachment.id),
            read_column("file_name", "", Attachment.name),
        ),
        {"uploader": "Lo dice el mensaje con que llegó."},
        derive=add_file_path("path"),
        derived=(file_column("path"),),
        hidden=("file_id", "file_name"),
        is_conversation=True,
    ),
    CopiedTable(
        "chat_events",
        "Lo que pasó con sus conversaciones",
        ChatEvent,
        lambda user_id: _of_own_chats(user_id, ChatEvent.select()),
        (ChatEvent.id,),
        (
            read_column("id", "Número interno", ChatEvent.id),
            read_column("chat_id", "Conversación", ChatEvent.chat),
            read_column("kind", "Qué", ChatEvent.kind, names=EVENT_NAMES),
            read_column("at", "Fecha", ChatEvent.at),
        ),
        {"actor": OF_TEAM, "agent": OF_TEAM, "other_agent": OF_TEAM, "topic": OF_QUEUE, "note": INTERNAL_NOTE},
        is_conversation=True,
    ),
    CopiedTable(
        "chat_tags",
        "Las etiquetas que les puso el equipo",
        ChatTag,
        _select_tags,
        (ChatTag.chat, ChatTag.tag),
        (
            read_column("chat_id", "Conversación", ChatTag.chat),
            read_column("tag", "Etiqueta", Tag.name, "tag"),
        ),
        is_conversation=True,
    ),
    CopiedTable(
        "ratings",
        "Sus calificaciones",
        Rating,
        lambda user_id: _of_own_chats(user_id, Rating.select()),
        (Rating.id,),
        (
            read_column("id", "Número interno", Rating.id),
            read_column("chat_id", "Conversación", Rating.chat),
            read_column("span", "Vez", Rating.span),
            read_column("score", "De 1 a 5", Rating.score),
            read_column("comment", "Comentario", Rating.comment),
            read_column("created_at", "Fecha", Rating.created_at),
        ),
        {"agent": OF_TEAM},
        is_conversation=True,
    ),
)
