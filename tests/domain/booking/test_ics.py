"""Calendar files, read back by two independent parsers."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
import vobject
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beneficiate.domain.booking.ics import Invitation, ics_method, render_ics
from tests.domain.booking.moments import at

ORGANIZER = "agenda@otra.co"
INVITATION = Invitation(
    uid="APT-CDFGH-0042@beneficiate.co",
    sequence=0,
    starts_at=at("2026-01-13 08:00"),
    minutes=30,
    summary="Cita de Cardiología",
    location="Calle 10 # 5-51, consultorio 302; Medellín",
    description="Tiquete APT-CDFGH-0042.\nProfesional: Ana Gómez.",
    attendee_email="luisa@correo.co",
    attendee_name="Luisa Fernanda Peña",
    is_cancelled=False,
    is_tentative=False,
    url="https://beneficiate.co/citas/42?desde=correo",
    created_at=at("2026-01-09 16:20"),
)


def read(invitation):
    """Return the calendar and its one event, as `icalendar` reads them."""
    calendar = icalendar.Calendar.from_ical(render_ics(invitation, ORGANIZER))
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def read_elsewhere(invitation):
    """Return the method, the values of the one event by name, and its attendees, as `vobject` reads them."""
    calendar = vobject.readOne(render_ics(invitation, ORGANIZER).decode())
    (event,) = calendar.vevent_list
    values = {name: one.value for name, (one, *_) in event.contents.items()}
    return calendar.method.value, values, [one.value for one in event.contents.get("attendee", [])]


def test_request_says_all_of_it():
    calendar, event = read(INVITATION)
    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (INVITATION.uid, 0, "CONFIRMED")
    assert event.decoded("DTSTART") == datetime(2026, 1, 13, 13, 0, tzinfo=UTC)
    assert event.decoded("DTEND") == datetime(2026, 1, 13, 13, 30, tzinfo=UTC)
    assert event.decoded("DTSTAMP") == INVITATION.created_at
    assert (event["SUMMARY"], event["LOCATION"]) == (INVITATION.summary, INVITATION.location)
    assert (event["DESCRIPTION"], event["URL"]) == (INVITATION.description, INVITATION.url)
    assert (event["ORGANIZER"], event["ATTENDEE"]) == (f"mailto:{ORGANIZER}", "mailto:luisa@correo.co")
    assert event["ATTENDEE"].params["CN"] == "Luisa Fernanda Peña"
    assert event["CLASS"] == "PRIVATE"
    assert not event.errors


def test_another_parser_reads_the_same():
    method, event, attendees = read_elsewhere(INVITATION)
    assert method == "REQUEST"
    assert (event["uid"], event["summary"], event["location"]) == (
        INVITATION.uid,
        INVITATION.summary,
        INVITATION.location,
    )
    assert (event["dtstart"], event["dtend"]) == (INVITATION.starts_at, INVITATION.starts_at + timedelta(minutes=30))
    assert (event["description"], event["url"], event["status"]) == (
        INVITATION.description,
        INVITATION.url,
        "CONFIRMED",
    )
    assert (event["organizer"], attendees) == (f"mailto:{ORGANIZER}", ["mailto:luisa@correo.co"])
    assert event["dtstamp"] == INVITATION.created_at


def test_change_and_a_cancellation_keep_the_uid():
    moved = replace(INVITATION, sequence=1, starts_at=at("2026-01-14 09:00"))
    cancelled = replace(moved, sequence=2, is_cancelled=True)
    calendar, event = read(cancelled)
    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert [read(one)[1]["SEQUENCE"] for one in (INVITATION, moved, cancelled)] == [0, 1, 2]
    assert {str(read(one)[1]["UID"]) for one in (INVITATION, moved, cancelled)} == {INVITATION.uid}
    method, event, _ = read_elsewhere(cancelled)
    assert (method, event["status"], event["uid"]) == ("CANCEL", "CANCELLED", INVITATION.uid)


@pytest.mark.parametrize(("is_cancelled", "expected"), [(False, "PUBLISH"), (True, "CANCEL")])
def test_nobody_is_asked_without_an_address(is_cancelled, expected):
    invitation = replace(INVITATION, attendee_email=None, url=None, is_cancelled=is_cancelled)
    calendar, event = read(invitation)
    assert calendar["METHOD"] == ics_method(invitation) == expected
    assert "ATTENDEE" not in event
    assert "URL" not in event
    assert read_elsewhere(invitation)[0] == expected


def test_patient_without_a_name():
    assert "CN" not in read(replace(INVITATION, attendee_name=""))[1]["ATTENDEE"].params


def test_lines_are_short_and_end_as_the_format_says():
    lines = render_ics(replace(INVITATION, description="ñandú " * 100), ORGANIZER).split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)


@pytest.mark.parametrize("field", ["attendee_email", "url"])
def test_address_cannot_begin_another_line(field):
    with pytest.raises(ValueError, match="CR or LF"):
        render_ics(replace(INVITATION, **{field: "a@b.co\r\nSUMMARY:otra"}), ORGANIZER)


def test_naive_moment_is_refused():
    with pytest.raises(TypeError):
        render_ics(replace(INVITATION, starts_at=datetime(2026, 1, 13, 8)), ORGANIZER)  # noqa: DTZ001


def without_controls(text):
    """Return a text with one kind of line breaks and without other control characters."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", "", re.sub(r"[\u2028\u2029]", "\n", text))


def plain(name):
    """Return the words of a name, without what a parameter cannot contain."""
    return without_controls(name).replace('"', "'").replace("\\", " ").replace("^", " ").split()


awkward = st.text(max_size=120) | st.text('aá,;:"\\^\n\r\t= \u2028\x0b', max_size=40)


@settings(max_examples=100, deadline=None)
@given(awkward, awkward)
@example("", "\\")
def test_whatever_people_write_comes_back(text, name):
    invitation = replace(INVITATION, summary=text, location=text, description=text, attendee_name=name)
    _, event = read(invitation)
    assert {str(event[field]) for field in ("SUMMARY", "LOCATION", "DESCRIPTION")} == {without_controls(text)}
    assert event["ATTENDEE"].params.get("CN", "").split() == plain(name)
    assert len(event.keys()) == len(read(INVITATION)[1].keys())


@settings(max_examples=20, deadline=None)
@given(awkward, awkward)
def test_another_parser_is_not_led_astray(text, name):
    _, event, attendees = read_elsewhere(replace(INVITATION, summary=f"a{text}", attendee_name=name))
    assert (event["uid"], event["summary"]) == (INVITATION.uid, f"a{without_controls(text)}")
    assert attendees == [f"mailto:{INVITATION.attendee_email}"]
