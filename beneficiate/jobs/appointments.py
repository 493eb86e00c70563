"""What happens to appointments because time passes: expiry, reminders, offers that nobody answered, letters."""

from beneficiate.actions import appointments, reminders, waiting_list
from beneficiate.context import AppContext
from beneficiate.handlers.emails import compose_appointment_email
from beneficiate.jobs.emails import send_due_emails

APPOINTMENTS_INTERVAL_S = 5.0


async def process_due_appointments(context: AppContext) -> None:
    """Carry out what is due. Each action claims its rows, so that several processes may do it at once."""
    await context.store.run(appointments.expire_appointments)
    await context.store.run(waiting_list.expire_offers)
    await context.store.run(reminders.emit_due_reminders)


async def send_due_appointment_emails(context: AppContext) -> None:
    """Send the letters about appointments that are due."""
    await send_due_emails(
        context, reminders.claim_appointment_emails, compose_appointment_email, reminders.mark_appointment_emails_sent
    )
