"""Steps of the tests of due appointments and e-mails."""

from beneficiate.queries.consents import CONSENT_TEXT_VERSION, PHONE_TEXT_VERSION
from tests.factories import specialty, township
from tests.http_client import call_api


async def create_appointment(server, who, by, whom=None, n=0):
    """Request an appointment of a member, with `whom` in their n-th free slot, and return it."""
    body = {"specialty_id": specialty().id, "city_id": township().id, "first_time": True, "notes": "Ansiedad",
            "user_id": who.id,
            "consent_version": CONSENT_TEXT_VERSION if by is who else PHONE_TEXT_VERSION}  # fmt: skip
    if whom is not None:
        slots = (await call_api(server.port, f"medical-professionals/{whom.id}/slots", by)).data
        body |= {"professional_id": whom.id, "starts_at": slots[n]["starts_at"]}
    answer = await call_api(server.port, "medical-appointment/create-pending", by, body)
    assert answer.status == 201
    return answer.data
