"""Every URL of the application, its handler and its audience."""

from typing import NamedTuple

from tornado.web import RequestHandler, url

from beneficiate.audiences import Audience
from beneficiate.handlers import (
    account,
    appointment_pages,
    appointments,
    attachments,
    audit_log,
    auth,
    board,
    business_hours,
    canned_replies,
    catalogue,
    chats,
    demo,
    desk,
    desk_tools,
    health,
    invitations,
    login,
    own_appointments,
    payment_pages,
    payments,
    payments_admin,
    plans_admin,
    professionals,
    report_downloads,
    reports,
    retention,
    service_levels,
    signed_in,
    specialties,
    staff,
    telemetry,
    topics,
    undelivered_emails,
    well_known,
    widget,
)
from beneficiate.handlers.api import UnknownApiPathHandler
from beneficiate.handlers.errors import NotFoundPage
from beneficiate.handlers.home import HomePage
from beneficiate.handlers.static_files import StaticFilesHandler
from beneficiate.text_limits import MAX_TOPIC_CODE_CHARS
from beneficiate.websockets import commands

ANYONE, SIGNED_IN, STAFF, AGENTS, SUPERVISORS = (
    Audience.ANYONE,
    Audience.SIGNED_IN,
    Audience.STAFF,
    Audience.AGENTS,
    Audience.SUPERVISORS,
)


PAYMENT_ID = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
"""The id of a payment, a UUID."""
ATTACHMENT_ID = PAYMENT_ID
"""The id of a file, a UUID too."""
TOPIC_CODE = rf"([^/]{{1,{MAX_TOPIC_CODE_CHARS}}})"
"""The code of a topic."""


class Route(NamedTuple):
    """A path (a regular expression), its handler, and its audience.

    `page`: of a part of a page, the page to which a browser is led that opens the part by itself. `{}` is the group of
    the path, `{query}` the query string.
    """

    path: str
    handler: type[RequestHandler]
    audience: Audience | None = None
    page: str = ""


ROUTES = [
    # Sockets
    Route(r"/ws", commands.AnyRoleSocketHandler, SIGNED_IN),
    Route(r"/ws/agent", commands.AgentSocketHandler, AGENTS),
    Route(r"/ws/supervisor", commands.SupervisorSocketHandler, SUPERVISORS),
    # JSON
    Route(r"/api/v1/auth/login", auth.LoginHandler, ANYONE),
    Route(r"/api/v1/auth/refresh-token", auth.RefreshHandler, ANYONE),
    Route(r"/api/v1/auth/logout", auth.LogoutHandler, ANYONE),
    Route(r"/api/v1/auth/me", auth.MeHandler, SIGNED_IN),
    Route(r"/api/v1/chats", chats.ChatsHandler, SIGNED_IN),
    Route(r"/api/v1/agent-chat/agent/(\d+)", chats.AgentChatsHandler, STAFF),
    Route(r"/api/v1/agent-chat/user/(\d+)", chats.UserChatsHandler, SIGNED_IN),
    Route(r"/api/v1/agent-chat/messages/(\d+)", chats.ChatLinesHandler, SIGNED_IN),
    Route(r"/api/v1/agent-chat/(\d+)/attachments", attachments.SendAttachmentHandler, SIGNED_IN),
    Route(rf"/api/v1/attachments/{ATTACHMENT_ID}", attachments.AttachmentHandler, SIGNED_IN),
    Route(r"/api/v1/agent-chat/online-users", chats.OnlineUsersHandler, SIGNED_IN),
    Route(r"/api/v1/agent-chat/conversations", desk_tools.ConversationsHandler, STAFF),
    Route(r"/api/v1/agent-chat/notes/(\d+)", desk_tools.NotesHandler, STAFF),
    Route(r"/api/v1/agent-chat/mentions", desk_tools.MentionsHandler, STAFF),
    Route(r"/api/v1/agent-chat/tags", desk_tools.TagsHandler, STAFF),
    Route(r"/api/v1/canned-replies", desk_tools.CannedRepliesHandler, STAFF),
    Route(r"/api/v1/canned-replies/(\d+)", desk_tools.CannedReplyHandler, SUPERVISORS),
    Route(r"/api/v1/canned-replies/(\d+)/deactivate", desk_tools.DeactivateCannedHandler, SUPERVISORS),
    Route(r"/api/v1/canned-replies/(\d+)/for/(\d+)", desk_tools.CannedForChatHandler, STAFF),
    Route(r"/api/v1/search", desk_tools.SearchHandler, STAFF),
    Route(r"/api/v1/medical-appointment/user/(\d+)", appointments.UserAppointmentsHandler, SIGNED_IN),
    Route(r"/api/v1/medical-appointment/create-pending", appointments.CreatePendingHandler, SIGNED_IN),
    Route(r"/api/v1/medical-appointment/cancel/(\d+)", appointments.CancelAppointmentHandler, SIGNED_IN),
    Route(r"/api/v1/medical-appointment/status/(\d+)", appointments.ChangeStatusHandler, SIGNED_IN),
    Route(r"/api/v1/medical-appointment/(\d+)", appointments.OneAppointmentHandler, SIGNED_IN),
    Route(r"/api/v1/medical-appointment/(\d+)/calendar", appointments.AppointmentCalendarHandler, SIGNED_IN),
    Route(r"/api/v1/medical-appointment/(\d+)/history", appointments.AppointmentHistoryHandler, STAFF),
    Route(r"/api/v1/medical-appointment/(\d+)/wait", appointments.JoinWaitHandler, SIGNED_IN),
    Route(r"/api/v1/medical-appointment/(\d+)/offer", appointments.AnswerOfferHandler, SIGNED_IN),
    Route(r"/api/v1/medical-professionals/(\d+)/slots", appointments.ProfessionalSlotsHandler, SIGNED_IN),
    Route(r"/api/v1/medical-specialties/all", catalogue.SpecialtiesHandler, SIGNED_IN),
    Route(r"/api/v1/patients", appointments.PatientsHandler, STAFF),
    Route(r"/api/v1/patients/search", appointments.PatientSearchHandler, STAFF),
    Route(r"/api/v1/medical-specialties/search", catalogue.SearchSpecialtiesHandler, SIGNED_IN),
    Route(r"/api/v1/townships/search", catalogue.SearchTownshipsHandler, SIGNED_IN),
    Route(r"/api/v1/townships/departments", catalogue.DepartmentsHandler, SIGNED_IN),
    Route(r"/api/v1/townships/(\d+)", catalogue.TownshipsHandler, SIGNED_IN),
    Route(r"/api/v1/hours", business_hours.HoursHandler, ANYONE),
    Route(r"/api/v1/widget", widget.WidgetSettingsHandler, ANYONE),
    Route(r"/api/v1/plans/all", catalogue.PlansHandler, ANYONE),
    Route(r"/api/v1/payments/create", payments.CreatePaymentHandler, SIGNED_IN),
    Route(rf"/api/v1/payments/verify-details/{PAYMENT_ID}", payments.PaymentDetailsHandler, SIGNED_IN),
    Route(r"/api/v1/payments/history", payments.PaymentHistoryHandler, SIGNED_IN),
    Route(r"/api/v1/payments/webhook/wompi", payments.WompiWebhookHandler, ANYONE),
    Route(r"/api/v1/reports", report_downloads.ReportHandler, SUPERVISORS),
    Route(r"/api/openapi.json", health.OpenApiHandler, ANYONE),
    Route(r"/api/.*", UnknownApiPathHandler, ANYONE),
    # Pages
    Route(r"/", HomePage, ANYONE),
    Route(r"/login", login.LoginPage, ANYONE),
    Route(r"/invitacion/([A-Za-z0-9_-]{20,64})", invitations.InvitationPage, ANYONE),
    Route(r"/logout", login.LogoutPage, ANYONE),
    Route(rf"/archivos/{ATTACHMENT_ID}", attachments.AttachmentPage, SIGNED_IN),
    Route(r"/sesion/token", signed_in.SessionTokenHandler, SIGNED_IN),
    Route(r"/planes", payment_pages.PlansPage, ANYONE),
    Route(r"/pagos", payment_pages.PaymentsPage, SIGNED_IN),
    Route(r"/pagos/nuevo", payment_pages.NewPaymentPage, SIGNED_IN),
    Route(rf"/pagos/{PAYMENT_ID}", payment_pages.PaymentPage, SIGNED_IN),
    Route(rf"/pagos/{PAYMENT_ID}/estado", payment_pages.PaymentStatePartial, SIGNED_IN, "/pagos/{}"),
    Route(rf"/pagos/{PAYMENT_ID}/recibo", payment_pages.ReceiptPage, SIGNED_IN),
    Route(r"/mi", account.AccountOverviewPage, SIGNED_IN),
    Route(r"/mi/beneficiarios/nuevo", account.NewBeneficiaryPage, SIGNED_IN),
    Route(r"/mi/beneficiarios/(\d+)", account.EditBeneficiaryPage, SIGNED_IN),
    Route(r"/mi/beneficiarios/(\d+)/quitar", account.RemoveBeneficiaryForm, SIGNED_IN),
    Route(r"/mi/citas/(\d+)/mover", own_appointments.MoveAppointmentPage, SIGNED_IN),
    Route(r"/mi/citas/(\d+)/cancelar", own_appointments.CancelAppointmentPage, SIGNED_IN),
    Route(r"/mi/chats/(\d+)", account.ChatTranscriptPage, SIGNED_IN),
    Route(r"/mi/vistas", account.DataViewsOverviewPage, SIGNED_IN),
    Route(r"/mi/dispositivos/(\d+)/cerrar", account.SignOutDeviceForm, SIGNED_IN),
    Route(r"/mi/dispositivos/otros/cerrar", account.SignOutOtherDevicesForm, SIGNED_IN),
    Route(r"/mi/datos/autorizar", account.GrantConsentForm, SIGNED_IN),
    Route(r"/mi/datos/retirar", account.WithdrawConsentForm, SIGNED_IN),
    Route(r"/agente", desk.DeskPage, STAFF),
    Route(r"/agente/chats/(\d+)", desk.DeskConversationPartial, STAFF, "/agente?chat={}"),
    Route(r"/agente/chats/(\d+)/fila", desk.DeskRowPartial, STAFF, "/agente?chat={}"),
    Route(r"/agente/chats/(\d+)/ficha", desk.DeskMemberPanelPartial, STAFF, "/agente?chat={}"),
    Route(r"/agente/chats/(\d+)/ficha/datos", desk.DeskContactPartial, STAFF, "/agente?chat={}"),
    Route(r"/agente/lista", desk.DeskListPartial, STAFF, "/agente?{query}"),
    Route(r"/agente/espera", desk.DeskWaitingPartial, STAFF, "/agente"),
    Route(r"/agente/disponibilidad", desk.DeskAvailabilityPartial, STAFF, "/agente"),
    Route(r"/agente/equipo", desk.DeskTeamPartial, STAFF, "/agente"),
    Route(r"/agente/buscar", desk.DeskSearchPartial, STAFF, "/agente"),
    Route(r"/agente/citas", appointment_pages.AppointmentsPage, STAFF),
    Route(r"/agente/citas/lista", appointment_pages.AppointmentsListPartial, STAFF, "/agente/citas?{query}"),
    Route(r"/agente/citas/dia", appointment_pages.DaySlotsPartial, STAFF, "/agente/citas"),
    Route(r"/agente/citas/nueva", appointment_pages.NewAppointmentPartial, STAFF, "/agente/citas?nueva&{query}"),
    Route(r"/agente/citas/(\d+)", appointment_pages.AppointmentDetailPartial, STAFF, "/agente/citas?cita={}"),
    Route(r"/supervisor", board.BoardPage, SUPERVISORS),
    Route(r"/supervisor/tablero/lista", board.FactListPage, SUPERVISORS),
    Route(r"/supervisor/definiciones", board.MetricDefinitionsPage, SUPERVISORS),
    Route(r"/supervisor/reportes", reports.ReportsPage, SUPERVISORS),
    Route(r"/supervisor/reportes\.xlsx", report_downloads.ReportWorkbook, SUPERVISORS),
    Route(r"/supervisor/reportes/cifras\.csv", report_downloads.ReportFiguresCsv, SUPERVISORS),
    Route(r"/supervisor/reportes/atenciones\.csv", report_downloads.ReportSpansCsv, SUPERVISORS),
    Route(r"/supervisor/reportes/lista", reports.ReportListPage, SUPERVISORS),
    Route(r"/supervisor/pagos", payments_admin.PaymentsAdminPage, SUPERVISORS),
    Route(r"/supervisor/pagos\.csv", payments_admin.PaymentsCsvPage, SUPERVISORS),
    Route(
        r"/supervisor/pagos/lista", payments_admin.PaymentsAdminListPartial, SUPERVISORS, "/supervisor/pagos?{query}"
    ),
    Route(r"/supervisor/pagos/eventos", payments_admin.UnmatchedEventsPage, SUPERVISORS),
    Route(rf"/supervisor/pagos/{PAYMENT_ID}", payments_admin.PaymentsAdminPaymentPage, SUPERVISORS),
    Route(
        rf"/supervisor/pagos/{PAYMENT_ID}/fila",
        payments_admin.PaymentsAdminRowPartial,
        SUPERVISORS,
        "/supervisor/pagos/{}",
    ),
    Route(
        rf"/supervisor/pagos/{PAYMENT_ID}/detalle",
        payments_admin.PaymentsAdminDetailPartial,
        SUPERVISORS,
        "/supervisor/pagos/{}",
    ),
    Route(rf"/supervisor/pagos/{PAYMENT_ID}/activar", payments_admin.ActivatePlanForm, SUPERVISORS),
    Route(rf"/supervisor/pagos/{PAYMENT_ID}/liberar", payments_admin.CancelUnknownForm, SUPERVISORS),
    Route(rf"/supervisor/pagos/{PAYMENT_ID}/revision/(\d+)", payments_admin.CloseReviewForm, SUPERVISORS),
    Route(r"/supervisor/ajustes", staff.StaffListPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/personas/nueva", invitations.InviteStaffPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/personas/(\d+)/invitar", invitations.ResendInvitationForm, SUPERVISORS),
    Route(r"/supervisor/ajustes/personas/(\d+)/anular", invitations.CancelInvitationForm, SUPERVISORS),
    Route(r"/supervisor/ajustes/personas/(\d+)", staff.StaffMemberPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/personas/(\d+)/desactivar", staff.DeactivateStaffForm, SUPERVISORS),
    Route(r"/supervisor/ajustes/personas/(\d+)/reactivar", staff.ReactivateStaffForm, SUPERVISORS),
    Route(r"/supervisor/ajustes/temas", topics.TopicListPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/temas/nuevo", topics.TopicPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/temas/(\d+)", topics.TopicPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/respuestas", canned_replies.ReplyListPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/respuestas/nuevo", canned_replies.ReplyPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/respuestas/(\d+)", canned_replies.ReplyPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/profesionales", professionals.ProfessionalListPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/profesionales/nuevo", professionals.ProfessionalPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/profesionales/(\d+)", professionals.ProfessionalPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/profesionales/(\d+)/dias", professionals.SetProfessionalDayForm, SUPERVISORS),
    Route(r"/supervisor/ajustes/profesionales/(\d+)/quitar", professionals.DeleteProfessionalDayForm, SUPERVISORS),
    Route(r"/supervisor/ajustes/especialidades", specialties.SpecialtyListPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/especialidades/nuevo", specialties.SpecialtyPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/especialidades/(\d+)", specialties.SpecialtyPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/planes", plans_admin.PlanListPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/planes/nuevo", plans_admin.PlanPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/planes/(\d+)", plans_admin.PlanPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/retencion", retention.RetentionPage, SUPERVISORS),
    Route(r"/supervisor/horario", business_hours.BusinessHoursPage, SUPERVISORS),
    Route(r"/supervisor/horario/semana", business_hours.WeeklyHoursForm, SUPERVISORS),
    Route(r"/supervisor/horario/dias", business_hours.HoursExceptionForm, SUPERVISORS),
    Route(r"/supervisor/horario/dias/(\d{4}-\d{2}-\d{2})/quitar", business_hours.DeleteHoursExceptionForm, SUPERVISORS),
    Route(r"/supervisor/ajustes/niveles", service_levels.ServiceLevelsPage, SUPERVISORS),
    Route(rf"/supervisor/ajustes/niveles/{TOPIC_CODE}", service_levels.ServiceLevelsPage, SUPERVISORS),
    Route(rf"/supervisor/ajustes/niveles/{TOPIC_CODE}/heredar", service_levels.InheritServiceLevelForm, SUPERVISORS),
    Route(r"/supervisor/correos", undelivered_emails.UndeliveredEmailsPage, SUPERVISORS),
    Route(r"/supervisor/correos/(cita|plan)/(\d+)/reintentar", undelivered_emails.RetryEmailForm, SUPERVISORS),
    Route(r"/supervisor/auditoria", audit_log.AuditLogPage, SUPERVISORS),
    Route(r"/supervisor/auditoria\.csv", audit_log.AuditCsvPage, SUPERVISORS),
    Route(r"/supervisor/auditoria/(\d+)", audit_log.AuditEntryPage, SUPERVISORS),
    Route(r"/demo", demo.DemoPage, ANYONE),
    # Operation and files
    Route(r"/healthz", health.LivenessHandler, ANYONE),
    Route(r"/readyz", health.ReadinessHandler, ANYONE),
    Route(r"/robots\.txt", well_known.RobotsTextHandler, ANYONE),
    Route(r"/\.well-known/security\.txt", well_known.SecurityTextHandler, ANYONE),
    Route(r"/\.well-known/change-password", well_known.ChangePasswordHandler, ANYONE),
    Route(r"/(favicon\.ico|apple-touch-icon(?:-precomposed)?\.png)", StaticFilesHandler, ANYONE),
    Route(r"/static/widget/(widget\.js|app\.js|widget\.css)", widget.WidgetFileHandler, ANYONE),
    Route(r"/static/(.*)", StaticFilesHandler, ANYONE),
    Route(r".*", NotFoundPage, ANYONE),
]


TELEMETRY_ROUTES = [Route(r"/metrics", telemetry.TelemetryHandler, ANYONE), Route(r".*", UnknownApiPathHandler, ANYONE)]
"""What Prometheus reads, on an inner address of its own: `BENEFICIATE_METRICS_ADDRESS`."""


class MissingAudience(Exception):
    """A route has no audience: the application does not start."""


def url_specs(routes: list[Route]) -> list[url]:
    """Return the routes as Tornado expects them. Raises MissingAudience."""
    for route in routes:
        if not isinstance(route.audience, Audience):
            raise MissingAudience(f"{route.path} ({route.handler.__name__}) has no audience")
    return [url(f"^{route.path}$", route.handler, _handler_arguments(route)) for route in routes]


def _handler_arguments(route: Route) -> dict[str, object]:
    return {"audience": route.audience, **({"page": route.page} if route.page else {})}
