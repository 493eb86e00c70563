"""The keys by which appointments name people and their time."""

import re
from typing import NewType

PatientKey = NewType("PatientKey", str)
"""Who an appointment is for: `u:12` is the member with the user id 12, `b:4` the beneficiary with the id 4.

Stored in the drafts of the bot and in the ticks of a calendar, and sent to the staff's pages.
"""
_PATIENT_KEY = re.compile(r"([ub]):([1-9][0-9]*)")


def patient_key(user_id: int, beneficiary_id: int | None) -> PatientKey:
    """Return the key of a beneficiary, or of the member when no beneficiary is given."""
    return PatientKey(f"b:{beneficiary_id}" if beneficiary_id else f"u:{user_id}")


def parse_patient_key(key: str) -> tuple[int | None, int | None]:
    """Return (user id, None) of a member, (None, beneficiary id) of a beneficiary, (None, None) of any other text."""
    match = _PATIENT_KEY.fullmatch(key)
    if match is None:
        return None, None
    id_ = int(match[2])
    return (id_, None) if match[1] == "u" else (None, id_)


def professional_key(professional_id: int) -> str:
    """Return the key of a professional's time in the ticks of a calendar: `p:7`."""
    return f"p:{professional_id}"
