"""Every URL of the house, its handler and who may pass."""

from typing import NamedTuple

from tornado.web import RequestHandler, url

from beneficiate.audiences import Audience
from beneficiate.pages import (
    appointments,
    attachments,
    auth,
    catalogue,
    chats,
    demo,
    desk,
    health,
    hours,
    ledger,
    login,
    mine,
    opening,
    payments,
    plans,
    signed_in,
    tools,
    visits,
    widget,
)
from beneficiate.pages.api import NoSuchCall
from beneficiate.pages.errors import NoSuchPage
from beneficiate.pages.files import Files
from beneficiate.pages.home import Home
from beneficiate.sockets import roles

ANYONE, SIGNED_IN, STAFF, AGENTS, SUPERVISORS = (
    Audience.ANYONE,
    Audience.SIGNED_IN,
    Audience.STAFF,
    Audience.AGENTS,
    Audience.SUPERVISORS,
)


PAYMENT = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
"""The id of a payment, a UUID."""
ATTACHMENT = PAYMENT
"""The id of a file, a UUID too."""


class Route(NamedTuple):
    """A path (a regular expression), the door behind it, and its audience."""

    path: str
    door: type[RequestHandler]
    audience: Audience | None = None


ROUTES = [
    # Sockets
    Route(r"/ws", roles.AnySocket, SIGNED_IN),
    Route(r"/ws/agent", roles.AgentSocket, AGENTS),
    Route(r"/ws/supervisor", roles.SupervisorSocket, SUPERVISORS),
    # JSON
    Route(r"/api/v1/auth/login", auth.Login, ANYONE),
    Route(r"/api/v1/auth/refresh-token", auth.Refresh, ANYONE),
    Route(r"/api/v1/auth/logout", auth.Logout, ANYONE),
    Route(r"/api/v1/auth/me", auth.Me, SIGNED_IN),
    Route(r"/api/v1/chats", chats.Chats, SIGNED_IN),
    Route(r"/api/v1/agent-chat/agent/(\d+)", chats.AgentChats, STAFF),
    Route(r"/api/v1/agent-chat/user/(\d+)", chats.UserChats, SIGNED_IN),
    Route(r"/api/v1/agent-chat/messages/(\d+)", chats.ChatLines, SIGNED_IN),
    Route(r"/api/v1/agent-chat/(\d+)/attachments", attachments.SendAttachment, SIGNED_IN),
    Route(rf"/api/v1/attachments/{ATTACHMENT}", attachments.Attachment, SIGNED_IN),
    Route(r"/api/v1/agent-chat/online-users", chats.OnlineUsers, SIGNED_IN),
    Route(r"/api/v1/agent-chat/conversations", tools.Conversations, STAFF),
    Route(r"/api/v1/agent-chat/notes/(\d+)", tools.Notes, STAFF),
    Route(r"/api/v1/agent-chat/mentions", tools.Mentions, STAFF),
    Route(r"/api/v1/agent-chat/tags", tools.Tags, STAFF),
    Route(r"/api/v1/canned-replies", tools.CannedReplies, STAFF),
    Route(r"/api/v1/canned-replies/(\d+)", tools.CannedReply, SUPERVISORS),
    Route(r"/api/v1/canned-replies/(\d+)/deactivate", tools.DeactivateCanned, SUPERVISORS),
    Route(r"/api/v1/canned-replies/(\d+)/for/(\d+)", tools.CannedForChat, STAFF),
    Route(r"/api/v1/search", tools.Search, STAFF),
    Route(r"/api/v1/medical-appointment/user/(\d+)", appointments.UserAppointments, SIGNED_IN),
    Route(r"/api/v1/medical-appointment/create-pending", appointments.CreatePending, SIGNED_IN),
    Route(r"/api/v1/medical-appointment/cancel/(\d+)", appointments.CancelAppointment, SIGNED_IN),
    Route(r"/api/v1/medical-appointment/status/(\d+)", appointments.ChangeStatus, SIGNED_IN),
    Route(r"/api/v1/medical-appointment/(\d+)", appointments.OneAppointment, SIGNED_IN),
    Route(r"/api/v1/medical-appointment/(\d+)/calendar", appointments.AppointmentCalendar, SIGNED_IN),
    Route(r"/api/v1/medical-appointment/(\d+)/history", appointments.AppointmentHistory, STAFF),
    Route(r"/api/v1/medical-appointment/(\d+)/wait", appointments.JoinWait, SIGNED_IN),
    Route(r"/api/v1/medical-appointment/(\d+)/offer", appointments.AnswerOffer, SIGNED_IN),
    Route(r"/api/v1/medical-professionals/(\d+)/slots", appointments.ProfessionalSlots, SIGNED_IN),
    Route(r"/api/v1/medical-specialties/all", catalogue.Specialties, SIGNED_IN),
    Route(r"/api/v1/patients", appointments.Patients, STAFF),
    Route(r"/api/v1/medical-specialties/search", visits.SearchSpecialties, SIGNED_IN),
    Route(r"/api/v1/townships/search", visits.SearchTownships, SIGNED_IN),
    Route(r"/api/v1/townships/departments", catalogue.Departments, SIGNED_IN),
    Route(r"/api/v1/townships/(\d+)", catalogue.Townships, SIGNED_IN),
    Route(r"/api/v1/hours", hours.Hours, ANYONE),
    Route(r"/api/v1/plans/all", catalogue.Plans, ANYONE),
    Route(r"/api/v1/payments/create", payments.CreatePayment, SIGNED_IN),
    Route(rf"/api/v1/payments/verify-details/{PAYMENT}", payments.PaymentDetails, SIGNED_IN),
    Route(r"/api/v1/payments/history", payments.PaymentHistory, SIGNED_IN),
    Route(r"/api/v1/payments/webhook/wompi", payments.WompiWebhook, ANYONE),
    Route(r"/api/openapi.json", health.OpenApi, ANYONE),
    Route(r"/api/.*", NoSuchCall, ANYONE),
    # Pages
    Route(r"/", Home, ANYONE),
    Route(r"/login", login.LoginPage, ANYONE),
    Route(r"/logout", login.LogoutPage, ANYONE),
    Route(rf"/archivos/{ATTACHMENT}", attachments.AttachmentPage, SIGNED_IN),
    Route(r"/sesion/token", signed_in.SessionToken, SIGNED_IN),
    Route(r"/planes", plans.PlansPage, ANYONE),
    Route(r"/pagos", plans.PaymentsPage, SIGNED_IN),
    Route(r"/pagos/nuevo", plans.NewPayment, SIGNED_IN),
    Route(rf"/pagos/{PAYMENT}", plans.PaymentPage, SIGNED_IN),
    Route(rf"/pagos/{PAYMENT}/estado", plans.PaymentState, SIGNED_IN),
    Route(rf"/pagos/{PAYMENT}/recibo", plans.ReceiptPage, SIGNED_IN),
    Route(r"/mi", mine.MinePage, SIGNED_IN),
    Route(r"/mi/beneficiarios/nuevo", mine.NewBeneficiary, SIGNED_IN),
    Route(r"/mi/beneficiarios/(\d+)", mine.OneBeneficiary, SIGNED_IN),
    Route(r"/mi/beneficiarios/(\d+)/quitar", mine.RemoveBeneficiary, SIGNED_IN),
    Route(r"/mi/chats/(\d+)", mine.TranscriptPage, SIGNED_IN),
    Route(r"/mi/dispositivos/(\d+)/cerrar", mine.EndDevice, SIGNED_IN),
    Route(r"/mi/dispositivos/otros/cerrar", mine.EndOtherDevices, SIGNED_IN),
    Route(r"/mi/datos/autorizar", mine.GiveConsent, SIGNED_IN),
    Route(r"/mi/datos/retirar", mine.WithdrawConsent, SIGNED_IN),
    Route(r"/agente", desk.DeskPage, STAFF),
    Route(r"/agente/chats/(\d+)", desk.DeskConversation, STAFF),
    Route(r"/agente/chats/(\d+)/fila", desk.DeskRow, STAFF),
    Route(r"/agente/chats/(\d+)/ficha", desk.DeskPanel, STAFF),
    Route(r"/agente/chats/(\d+)/ficha/datos", desk.DeskContact, STAFF),
    Route(r"/agente/lista", desk.DeskList, STAFF),
    Route(r"/agente/espera", desk.DeskWaiting, STAFF),
    Route(r"/agente/disponibilidad", desk.DeskAvailability, STAFF),
    Route(r"/agente/equipo", desk.DeskTeam, STAFF),
    Route(r"/agente/buscar", desk.DeskSearch, STAFF),
    Route(r"/agente/citas", visits.VisitsPage, STAFF),
    Route(r"/agente/citas/lista", visits.VisitsList, STAFF),
    Route(r"/agente/citas/dia", visits.DaySlots, STAFF),
    Route(r"/agente/citas/nueva", visits.NewVisit, STAFF),
    Route(r"/agente/citas/(\d+)", visits.VisitDetail, STAFF),
    Route(r"/supervisor/pagos", ledger.LedgerPage, SUPERVISORS),
    Route(r"/supervisor/pagos\.csv", ledger.LedgerCsv, SUPERVISORS),
    Route(r"/supervisor/pagos/lista", ledger.LedgerList, SUPERVISORS),
    Route(r"/supervisor/pagos/eventos", ledger.StrayEvents, SUPERVISORS),
    Route(rf"/supervisor/pagos/{PAYMENT}", ledger.LedgerPayment, SUPERVISORS),
    Route(rf"/supervisor/pagos/{PAYMENT}/fila", ledger.LedgerRow, SUPERVISORS),
    Route(rf"/supervisor/pagos/{PAYMENT}/detalle", ledger.LedgerDetail, SUPERVISORS),
    Route(rf"/supervisor/pagos/{PAYMENT}/activar", ledger.ActivateByHand, SUPERVISORS),
    Route(rf"/supervisor/pagos/{PAYMENT}/liberar", ledger.ReleasePayment, SUPERVISORS),
    Route(rf"/supervisor/pagos/{PAYMENT}/revision/(\d+)", ledger.ResolveReview, SUPERVISORS),
    Route(r"/supervisor/horario", opening.HoursPage, SUPERVISORS),
    Route(r"/supervisor/horario/semana", opening.SetWeek, SUPERVISORS),
    Route(r"/supervisor/horario/dias", opening.SetDay, SUPERVISORS),
    Route(r"/supervisor/horario/dias/(\d{4}-\d{2}-\d{2})/quitar", opening.ForgetDay, SUPERVISORS),
    Route(r"/demo", demo.DemoPage, ANYONE),
    # Operation and files
    Route(r"/healthz", health.Healthz, ANYONE),
    Route(r"/readyz", health.Readyz, ANYONE),
    Route(r"/(favicon\.ico)", Files, ANYONE),
    Route(r"/static/widget/(widget\.js|app\.js|widget\.css)", widget.WidgetFile, ANYONE),
    Route(r"/static/(.*)", Files, ANYONE),
    Route(r".*", NoSuchPage, ANYONE),
]


class NoAudience(Exception):
    """A route does not say who may pass: the house does not start."""


def url_specs(routes: list[Route]) -> list[url]:
    """The table as Tornado takes it. Raises NoAudience."""
    for route in routes:
        if not isinstance(route.audience, Audience):
            raise NoAudience(f"{route.path} ({route.door.__name__}) has no audience")
    return [url(f"^{route.path}$", route.door, {"audience": route.audience}) for route in routes]
