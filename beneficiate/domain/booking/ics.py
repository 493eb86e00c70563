"""An appointment as an iCalendar file (RFC 5545, RFC 5546) that any calendar program imports."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event, vCalAddress

from beneficiate.domain.booking.slots import to_utc

_PARAMETER_ESCAPES = str.maketrans({'"': "'", "\\": " ", "^": " "})
"""In a parameter these are escaped in ways (RFC 6868) that calendar programs read differently, if at all."""

_LINE_BREAKS = str.maketrans({"\u2028": "\n", "\u2029": "\n"})
"""Line breaks of Unicode, at which some parsers split a line."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """One version of an appointment for its calendar file.

    Calendars are synchronised, shared and shown on locked screens: the texts contain only "Cita de <specialty>", the
    professional and how to get there. Never the reason for the appointment, a diagnosis or what the patient described.

    `uid` is that of the appointment for its whole life; `sequence` is 0 at first and grows with every change of time or
    place and with the cancellation. `is_tentative`: its member moved it to a time that is not confirmed. `created_at`
    is when this version was made. Addresses were validated before: one with a line break is a ValueError.
    """

    uid: str
    sequence: int
    starts_at: datetime
    minutes: int
    summary: str
    location: str
    description: str
    attendee_email: str | None
    attendee_name: str
    is_cancelled: bool
    is_tentative: bool
    url: str | None
    created_at: datetime


def render_ics(invitation: Invitation, organizer_email: str) -> bytes:
    """Return the file. Its method is REQUEST or CANCEL, or PUBLISH without the patient's address.

    A request must name an attendee, and a download has none. All three must name the organizer (RFC 5546, section 3.2):
    the sender of our e-mails, since calendar programs compare the two and answer to it.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Beneficiate//Citas//ES")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", ics_method(invitation))
    calendar.add_component(_build_event(invitation, organizer_email))
    return bytes(calendar.to_ical())


def ics_method(invitation: Invitation) -> str:
    """Return the method of the file, which an e-mail repeats in the content type of its attachment."""
    if invitation.is_cancelled:
        return "CANCEL"
    return "PUBLISH" if invitation.attendee_email is None else "REQUEST"


def _build_event(invitation: Invitation, organizer_email: str) -> Event:
    starts_at = to_utc(invitation.starts_at)
    event = Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", to_utc(invitation.created_at))
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + timedelta(minutes=invitation.minutes))
    event.add("status", _ics_status(invitation))
    event.add("summary", _strip_controls(invitation.summary))
    event.add("location", _strip_controls(invitation.location))
    event.add("description", _strip_controls(invitation.description))
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if invitation.is_cancelled else "OPAQUE")
    if invitation.url is not None:
        event.add("url", invitation.url)
    event.add("organizer", _build_address(organizer_email, "Beneficiate"))
    if invitation.attendee_email is not None:
        attendee = _build_address(invitation.attendee_email, invitation.attendee_name)
        attendee.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"})
        event.add("attendee", attendee)
    return event


def _ics_status(invitation: Invitation) -> str:
    if invitation.is_cancelled:
        return "CANCELLED"
    return "TENTATIVE" if invitation.is_tentative else "CONFIRMED"


def _build_address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    if shown := " ".join(_strip_controls(name).translate(_PARAMETER_ESCAPES).split()):
        address.params["CN"] = shown
    return address


def _strip_controls(text: str) -> str:
    """Remove the control characters that the format forbids; tabs stay, and line breaks become one kind."""
    text = text.translate(_LINE_BREAKS)
    return "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs"))
