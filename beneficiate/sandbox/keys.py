"""The four credentials of a merchant (https://docs.wompi.co/docs/colombia/ambientes-y-llaves/)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WompiKeys:
    """The four credentials; none can replace another."""

    public_key: str
    private_key: str
    events_secret: str
    integrity_secret: str


TEST_KEYS = WompiKeys(
    public_key="pub_test_beneficiate_local",
    private_key="prv_test_beneficiate_local",
    events_secret="test_events_beneficiate_local",  # noqa: S106  opens nothing but the sandbox
    integrity_secret="test_integrity_beneficiate_local",  # noqa: S106
)
