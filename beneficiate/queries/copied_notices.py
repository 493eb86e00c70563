"""What a copy has of the notices to a member who is away: what they chose, where, and what they were told."""

from beneficiate.models.notices import AwayNotice, NoticeEmail, NoticePreferences, PushMessage, PushSubscription
from beneficiate.queries.copied_tables import SENDING, SENDING_FIELDS, TECHNICAL, CopiedTable, read_column

_OF_BROWSER = "Es secreto: con eso se le escribe a su navegador."

NOTICE_TABLES = (
    CopiedTable(
        "notice_preferences",
        "Cómo quiere que le avisemos",
        NoticePreferences,
        lambda user_id: NoticePreferences.select().where(NoticePreferences.user == user_id),
        (NoticePreferences.id,),
        (
            read_column("id", "Número interno", NoticePreferences.id),
            read_column("switched_off", "Avisos apagados", NoticePreferences.switched_off),
            read_column("quiet_from", "Silencio desde (hora)", NoticePreferences.quiet_from),
            read_column("quiet_until", "Silencio hasta (hora)", NoticePreferences.quiet_until),
        ),
    ),
    CopiedTable(
        "push_subscriptions",
        "Navegadores a los que les avisamos",
        PushSubscription,
        lambda user_id: PushSubscription.select().where(PushSubscription.user == user_id),
        (PushSubscription.id,),
        (
            read_column("id", "Número interno", PushSubscription.id),
            read_column("sign_in_id", "Ingreso", PushSubscription.sign_in),
            read_column("created_at", "Desde", PushSubscription.created_at),
        ),
        dict.fromkeys(("endpoint", "endpoint_hash", "p256dh", "auth"), _OF_BROWSER),
    ),
    CopiedTable(
        "notices",
        "Avisos",
        AwayNotice,
        lambda user_id: AwayNotice.select().where(AwayNotice.user == user_id),
        (AwayNotice.id,),
        (
            read_column("id", "Número interno", AwayNotice.id),
            read_column("kind", "De qué", AwayNotice.kind),
            read_column("subject_id", "Conversación o cita", AwayNotice.subject_id),
            read_column("created_at", "Pasó", AwayNotice.created_at),
            read_column("due_at", "Para cuándo", AwayNotice.due_at),
            read_column("expires_at", "Hasta cuándo", AwayNotice.expires_at),
            read_column("done_at", "Hecho", AwayNotice.done_at),
        ),
        {"key": TECHNICAL, "version": TECHNICAL},
    ),
    CopiedTable(
        "pushes",
        "Avisos enviados a un navegador",
        PushMessage,
        lambda user_id: PushMessage.select().join(AwayNotice).where(AwayNotice.user == user_id),
        (PushMessage.id,),
        (
            read_column("id", "Número interno", PushMessage.id),
            read_column("notice_id", "Aviso", PushMessage.notice),
            read_column("subscription_id", "Navegador", PushMessage.subscription),
            read_column("done_at", "Hecho", PushMessage.done_at),
        ),
        {"due_at": SENDING, "tries": SENDING},
    ),
    CopiedTable(
        "notice_emails",
        "Avisos enviados por correo",
        NoticeEmail,
        lambda user_id: NoticeEmail.select().join(AwayNotice).where(AwayNotice.user == user_id),
        (NoticeEmail.id,),
        (
            read_column("id", "Número interno", NoticeEmail.id),
            read_column("notice_id", "Aviso", NoticeEmail.notice),
            read_column("count", "Mensajes", NoticeEmail.count),
            read_column("created_at", "Escrito", NoticeEmail.created_at),
            read_column("sent_at", "Enviado", NoticeEmail.sent_at),
        ),
        SENDING_FIELDS,
    ),
)
