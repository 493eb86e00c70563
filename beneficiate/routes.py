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
    blocks,
    board,
    business_hours,
    canned_replies,
    catalogue,
    chats,
    data_copies,
    data_request_list,
    data_requests,
    demo,
    desk,
    desk_tools,
    erasures,
    health,
    invitations,
    login,
    member_imports,
    notices,
    own_access,
    own_appointments,
    own_data,
    payment_pages,
    payments,
    payments_admin,
    plans_admin,
    professionals,
    recovery,
    registration,
    report_downloads,
    reports,
    retention,
    second_factor,
    second_step,
    service_levels,
    signed_in,
    specialties,
    staff,
    telemetry,
    topics,
    undelivered_emails,
    unsubscribe,
    well_known,
    widget,
)
from beneficiate.handlers.api import UnknownApiPathHandler
from beneficiate.handlers.errors import NotFoundPage
from beneficiate.handlers.home import HomePage
from beneficiate.handlers.static_files import ServiceWorkerHandler, StaticFilesHandler
from beneficiate.text_limits import MAX_TOPIC_CODE_CHARS
from beneficiate.websockets import commands

ANYONE, SIGNED_IN, MEMBERS, STAFF, AGENTS, SUPERVISORS = (
    Audience.ANYONE,
    Audience.SIGNED_IN,
    Audience.MEMBERS,
    Audience.STAFF,
    Audience.AGENTS,
    Audience.SUPERVISORS,
)


PAYMENT_ID = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
"""The id of a payment, a UUID."""
ATTACHMENT_ID = PAYMENT_ID
"""The id of a file, a UUID too."""
LINK_TOKEN = "([A-Za-z0-9_-]{20,64})"  # noqa: S105  a pattern
"""The token of a link of an e-mail."""
ERASURE_CODE = "([Cc][Ee]-[0-9]{4}(?:-[0-9A-Za-z]{4}){3})"
"""The number of a certificate, which people type from paper."""
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
    Route(r"/api/v1/auth/second-factor", auth.SecondFactorHandler, ANYONE),
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
    Route(r"/api/v1/notices", notices.NoticeChoicesHandler, SIGNED_IN),
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
    Route(r"/login/codigo", second_step.SecondStepPage, ANYONE),
    Route(r"/login/activar", second_step.RequiredSetupPage, ANYONE),
    Route(rf"/invitacion/{LINK_TOKEN}", invitations.InvitationPage, ANYONE),
    Route(r"/registro", registration.RegistrationPage, ANYONE),
    Route(r"/registro/enviado", registration.ConfirmationSentPage, ANYONE),
    Route(rf"/registro/confirmar/{LINK_TOKEN}", registration.ConfirmationPage, ANYONE),
    Route(r"/registro/listo", registration.RegistrationDonePage, SIGNED_IN),
    Route(r"/recuperar", recovery.RecoveryPage, ANYONE),
    Route(r"/recuperar/enviado", recovery.RecoverySentPage, ANYONE),
    Route(rf"/recuperar/{LINK_TOKEN}", recovery.NewPasswordPage, ANYONE),
    Route(rf"/correo/{LINK_TOKEN}", own_access.ConfirmAddressPage, ANYONE),
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
    Route(r"/mi/segundo-paso", second_factor.OwnSecondFactorPage, STAFF),
    Route(r"/mi/segundo-paso/activar", second_factor.SetUpSecondFactorForm, STAFF),
    Route(r"/mi/segundo-paso/confirmar", second_factor.ConfirmSecondFactorForm, STAFF),
    Route(r"/mi/segundo-paso/codigos", second_factor.RenewRecoveryCodesForm, STAFF),
    Route(r"/mi/segundo-paso/quitar", second_factor.TurnOffSecondFactorForm, STAFF),
    Route(r"/mi/acceso", own_access.OwnAccessPage, SIGNED_IN),
    Route(r"/mi/acceso/clave", own_access.ChangePasswordForm, SIGNED_IN),
    Route(r"/mi/acceso/correo", own_access.ChangeAddressForm, SIGNED_IN),
    Route(r"/mi/acceso/celular", own_access.ChangePhoneForm, SIGNED_IN),
    Route(r"/mi/datos", own_data.OwnDataPage, SIGNED_IN),
    Route(r"/mi/datos/autorizar", own_data.GrantConsentForm, SIGNED_IN),
    Route(r"/mi/datos/retirar", own_data.WithdrawConsentForm, SIGNED_IN),
    Route(r"/mi/datos/copia", data_copies.RequestCopyForm, MEMBERS),
    Route(r"/mi/datos/copia/estado", data_copies.OwnCopyPartial, MEMBERS, "/mi/datos"),
    Route(r"/mi/datos/copias/(\d+)", data_copies.DownloadCopyPage, MEMBERS),
    Route(r"/mi/datos/salud/autorizar", own_data.GrantHealthConsentForm, SIGNED_IN),
    Route(r"/mi/datos/salud/retirar", own_data.WithdrawHealthConsentForm, SIGNED_IN),
    Route(r"/mi/avisos", notices.NoticesPage, SIGNED_IN),
    Route(r"/mi/avisos/(\d+)/quitar", notices.RemoveBrowserForm, SIGNED_IN),
    Route(r"/mi/avisos/navegador", notices.SubscribeHandler, SIGNED_IN),
    Route(r"/mi/avisos/navegador/estado", notices.OwnBrowserHandler, SIGNED_IN),
    Route(r"/mi/avisos/navegador/quitar", notices.UnsubscribeHandler, SIGNED_IN),
    Route(r"/avisos/navegador", notices.RenewSubscriptionHandler, ANYONE),
    Route(rf"/baja/{LINK_TOKEN}", unsubscribe.UnsubscribeLinkPage, ANYONE),
    Route(r"/mi/solicitudes", data_requests.OwnRequestsPage, SIGNED_IN),
    Route(r"/mi/solicitudes/nueva", data_requests.NewRequestPage, SIGNED_IN),
    Route(r"/mi/solicitudes/(\d+)", data_requests.OwnRequestPage, SIGNED_IN),
    Route(r"/mi/solicitudes/(\d+)/completar", data_requests.CompleteRequestForm, SIGNED_IN),
    Route(r"/mi/solicitudes/(\d+)/desistir", data_requests.WithdrawRequestForm, SIGNED_IN),
    Route(r"/mi/datos/borrar", erasures.ErasePage, SIGNED_IN),
    Route(r"/mi/datos/borrar/cancelar", erasures.KeepAccountForm, SIGNED_IN),
    Route(rf"/constancia/{ERASURE_CODE}", erasures.CertificatePage, ANYONE),
    Route(r"/agente", desk.DeskPage, STAFF),
    Route(r"/agente/chats/(\d+)", desk.DeskConversationPartial, STAFF, "/agente?chat={}"),
    Route(r"/agente/chats/(\d+)/fila", desk.DeskRowPartial, STAFF, "/agente?chat={}"),
    Route(r"/agente/chats/(\d+)/ficha", desk.DeskMemberPanelPartial, STAFF, "/agente?chat={}"),
    Route(r"/agente/chats/(\d+)/ficha/datos", desk.DeskContactPartial, STAFF, "/agente?chat={}"),
    Route(r"/agente/chats/(\d+)/solicitud", data_requests.FileForMemberPage, STAFF),
    Route(r"/agente/solicitudes", data_requests.FiledRequestsPage, STAFF),
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
    Route(r"/supervisor/tablero/alerta", board.AlertListPage, SUPERVISORS),
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
    Route(r"/supervisor/ajustes/personas/(\d+)/segundo-paso", staff.ResetSecondFactorForm, SUPERVISORS),
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
    Route(r"/supervisor/ajustes/importar", member_imports.MemberImportsPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/importar/(\d+)", member_imports.MemberImportPage, SUPERVISORS),
    Route(
        r"/supervisor/ajustes/importar/(\d+)/estado",
        member_imports.MemberImportStatePartial,
        SUPERVISORS,
        "/supervisor/ajustes/importar/{}",
    ),
    Route(r"/supervisor/ajustes/importar/(\d+)/no-importados\.csv", member_imports.RefusedRowsCsv, SUPERVISORS),
    Route(r"/supervisor/ajustes/importar/(\d+)/confirmar", member_imports.ConfirmImportForm, SUPERVISORS),
    Route(r"/supervisor/ajustes/importar/(\d+)/descartar", member_imports.DiscardImportForm, SUPERVISORS),
    Route(r"/supervisor/ajustes/borrados", erasures.ErasureListPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/bloqueos", blocks.BlockListPage, SUPERVISORS),
    Route(r"/supervisor/ajustes/bloqueos/levantar", blocks.LiftBlockForm, SUPERVISORS),
    Route(r"/supervisor/ajustes/retencion", retention.RetentionPage, SUPERVISORS),
    Route(r"/supervisor/horario", business_hours.BusinessHoursPage, SUPERVISORS),
    Route(r"/supervisor/horario/semana", business_hours.WeeklyHoursForm, SUPERVISORS),
    Route(r"/supervisor/horario/dias", business_hours.HoursExceptionForm, SUPERVISORS),
    Route(r"/supervisor/horario/dias/(\d{4}-\d{2}-\d{2})/quitar", business_hours.DeleteHoursExceptionForm, SUPERVISORS),
    Route(r"/supervisor/ajustes/niveles", service_levels.ServiceLevelsPage, SUPERVISORS),
    Route(rf"/supervisor/ajustes/niveles/{TOPIC_CODE}", service_levels.ServiceLevelsPage, SUPERVISORS),
    Route(rf"/supervisor/ajustes/niveles/{TOPIC_CODE}/heredar", service_levels.InheritServiceLevelForm, SUPERVISORS),
    Route(r"/supervisor/correos", undelivered_emails.UndeliveredEmailsPage, SUPERVISORS),
    Route(r"/supervisor/correos/(cita|cuenta|plan)/(\d+)/reintentar", undelivered_emails.RetryEmailForm, SUPERVISORS),
    Route(r"/supervisor/solicitudes", data_request_list.DataRequestsPage, SUPERVISORS),
    Route(r"/supervisor/solicitudes/(\d+)", data_request_list.DataRequestPage, SUPERVISORS),
    Route(r"/supervisor/solicitudes/(\d+)/asignar", data_request_list.AssignRequestForm, SUPERVISORS),
    Route(r"/supervisor/solicitudes/(\d+)/pedir", data_request_list.AskForInformationForm, SUPERVISORS),
    Route(r"/supervisor/solicitudes/(\d+)/completar", data_request_list.CompleteForPersonForm, SUPERVISORS),
    Route(r"/supervisor/solicitudes/(\d+)/prorrogar", data_request_list.ExtendRequestForm, SUPERVISORS),
    Route(r"/supervisor/solicitudes/(\d+)/responder", data_request_list.AnswerRequestForm, SUPERVISORS),
    Route(r"/supervisor/solicitudes/(\d+)/datos", data_request_list.RevealRequesterForm, SUPERVISORS),
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
    Route(r"/(manifest\.webmanifest)", StaticFilesHandler, ANYONE),
    Route(r"/(avisos\.js)", ServiceWorkerHandler, ANYONE),
    Route(r"/static/widget/(widget\.js|app\.js|later\.js|widget\.css)", widget.WidgetFileHandler, ANYONE),
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
