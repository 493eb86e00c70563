"""Validation of the Wompi keys and URLs: all must belong to one environment.

Source: https://docs.wompi.co/docs/colombia/ambientes-y-llaves/, which lists the URLs and the forms of the keys.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

API_URLS = {"test": "https://sandbox.wompi.co/v1", "prod": "https://production.wompi.co/v1"}
_API_HOSTS = {environment: urlsplit(url).netloc for environment, url in API_URLS.items()}
_CHECKOUT_HOST = "checkout.wompi.co"
KEY_PREFIXES = {
    "WOMPI_PUBLIC_KEY": ("pub_test_", "pub_prod_"),
    "WOMPI_PRIVATE_KEY": ("prv_test_", "prv_prod_"),
    "WOMPI_EVENTS_SECRET": ("test_events_", "prod_events_"),
    "WOMPI_INTEGRITY_SECRET": ("test_integrity_", "prod_integrity_"),
}


def environment_of_key(key: str) -> str:
    """Return `test` or `prod`, which is the second part of a key and the first of a secret; empty if neither."""
    return next((part for part in key.split("_") if part in API_URLS), "")


def find_configuration_error(keys: Mapping[str, str], api: str, checkout: str, *, is_production: bool) -> str | None:
    """Return what is wrong with these keys (by the names of their settings) or URLs; None when nothing is.

    All keys must be of one environment, and so must the host; in production that is `prod`, at Wompi's host.
    """
    for name, key in keys.items():
        if key and not key.startswith(KEY_PREFIXES[name]):
            return f"{name} must be {' or '.join(f'{prefix}…' for prefix in KEY_PREFIXES[name])}."
    environments = {name: environment_of_key(key) for name, key in keys.items() if key}
    if len(set(environments.values())) > 1:
        listed = ", ".join(f"{name} is of {environment}" for name, environment in environments.items())
        return f"The keys of Wompi are of different environments: {listed}."
    if is_production and "test" in environments.values():
        return "The keys of Wompi are test keys, and BENEFICIATE_ENV is production: anybody could pay with a test card."
    missing = [name for name, key in keys.items() if not key]
    if environments and missing and is_production:
        return f"In production all keys of Wompi are needed; missing: {', '.join(missing)}."
    for environment in set(environments.values()):
        fault = _find_host_error("WOMPI_BASE_URL", api, _API_HOSTS[environment], environment, is_production)
        return fault or _find_host_error("WOMPI_CHECKOUT_URL", checkout, _CHECKOUT_HOST, environment, is_production)
    return None


def _find_host_error(name: str, url: str, own: str, environment: str, is_production: bool) -> str | None:
    parts = urlsplit(url)
    if parts.hostname == own and parts.scheme == "https":
        return None
    if is_production:
        return f"{name} must be at https://{own} in production, with these keys."
    is_wompi = (parts.hostname or "").endswith("wompi.co")
    if is_wompi or parts.scheme not in ("http", "https") or not parts.hostname:
        return f"{name} does not fit the keys: it should be at https://{own}."
    return None if environment == "test" else f"{name} is not Wompi's: only test keys may be used there."
