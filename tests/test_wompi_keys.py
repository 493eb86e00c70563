"""All keys and URLs of Wompi are of one environment, and an error names the setting but never shows a key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiate.wompi_keys import API_URLS, KEY_PREFIXES, environment_of_key, find_configuration_error

SECRET_PART = "x7Q"
CHECKOUT = "https://checkout.wompi.co"
KEYS = {environment: {name: prefixes[n] + SECRET_PART for name, prefixes in KEY_PREFIXES.items()}
        for n, environment in enumerate(API_URLS)}  # fmt: skip
BOTH = pytest.mark.parametrize("is_production", [False, True], ids=["development", "production"])


def find_error(keys, api=None, checkout=CHECKOUT, *, is_production=False):
    """Return the error; without `api`, the URL is that of the environment of the first key."""
    url = api or API_URLS[environment_of_key(next(filter(None, keys.values()), "test"))]
    found = find_configuration_error(keys, url, checkout, is_production=is_production)
    assert SECRET_PART not in (found or "")
    return found


@pytest.mark.parametrize(
    ("key", "environment"),
    [
        ("pub_test_a", "test"),
        ("prv_prod_a", "prod"),
        ("test_events_a", "test"),
        ("prod_integrity_a", "prod"),
        ("", ""),
        ("pub_a", ""),
        ("pubtest", ""),
    ],
)
def test_environment_is_a_part_of_the_key(key, environment):
    assert environment_of_key(key) == environment


@pytest.mark.parametrize(("environment", "is_production"), [("test", False), ("prod", False), ("prod", True)])
def test_keys_of_one_environment_at_its_own_urls_are_right(environment, is_production):
    assert find_error(KEYS[environment], is_production=is_production) is None


def test_test_keys_are_an_error_in_production():
    assert "test keys" in find_error(KEYS["test"], is_production=True)
    assert "test keys" in find_error({**KEYS["test"], "WOMPI_EVENTS_SECRET": ""}, is_production=True)


@BOTH
def test_no_keys_at_all_are_right_whatever_the_urls_are(is_production):
    assert find_error(dict.fromkeys(KEY_PREFIXES, ""), "ftp://x", "", is_production=is_production) is None


@pytest.mark.parametrize("name", KEY_PREFIXES)
def test_key_of_another_environment_is_named(name):
    mixed = {**KEYS["test"], name: KEYS["prod"][name]}
    assert f"{name} is of prod" in find_error(mixed, API_URLS["test"])


@pytest.mark.parametrize("name", KEY_PREFIXES)
def test_key_in_the_place_of_another_is_named(name):
    other = next(key for one, key in KEYS["test"].items() if one != name)
    for wrong in (other, SECRET_PART, KEYS["test"][name].upper(), f"x{KEYS['test'][name]}"):
        assert find_error({**KEYS["test"], name: wrong}, API_URLS["test"]).startswith(f"{name} must be")


@given(st.dictionaries(st.sampled_from(list(KEY_PREFIXES)), st.text(max_size=40)))
def test_any_text_as_a_key_is_an_error_that_does_not_show_it(keys):
    found = find_configuration_error(keys, API_URLS["test"], CHECKOUT, is_production=False)
    wrong = [key for name, key in keys.items() if key and not key.startswith(KEY_PREFIXES[name])]
    assert (found is not None) == bool(wrong)
    assert not [key for key in wrong if len(key) > 12 and key in str(found)]


@pytest.mark.parametrize("missing", KEY_PREFIXES)
def test_missing_key_is_an_error_in_production_only(missing):
    keys = {**KEYS["prod"], missing: ""}
    assert find_error(keys) is None
    assert find_error(keys, is_production=True).endswith(f"missing: {missing}.")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8889/v1",
        "http://sandbox.wompi.co/v1",
        "http://production.wompi.co/v1",
        "https://wompi.co/v1",
        "https://evil.example/v1",
        "https://sandbox.wompi.co.evil.example/v1",
        "https://sandbox.wompi.co@evil.example/v1",
        "https://evilsandbox.wompi.co/v1",
        "ftp://sandbox.wompi.co/v1",
        "sandbox.wompi.co",
        "/v1",
        "",
    ],
)
def test_production_accepts_wompi_only_and_over_tls(url):
    keys = KEYS["prod"]
    found = find_configuration_error(keys, url, CHECKOUT, is_production=True)
    assert found.startswith("WOMPI_BASE_URL must be at https://")
    assert find_error(keys, checkout=url, is_production=True).startswith("WOMPI_CHECKOUT_URL")


@pytest.mark.parametrize(
    ("environment", "other", "is_production"),
    [("test", "prod", False), ("prod", "test", False), ("prod", "test", True)],
)
def test_host_is_that_of_the_environment_of_the_keys(environment, other, is_production):
    assert find_error(KEYS[environment], API_URLS[other], is_production=is_production).startswith("WOMPI_BASE_URL")


@pytest.mark.parametrize(
    "url",
    ["http://sandbox.wompi.co/v1", "ftp://127.0.0.1/v1", "127.0.0.1:8889", "http:///v1", "https://api.wompi.co/v1"],
)
def test_url_that_is_none_or_of_wompi_elsewhere_is_an_error_in_development_too(url):
    assert find_error(KEYS["test"], url).startswith("WOMPI_BASE_URL does not fit")


@pytest.mark.parametrize("host", ["http://127.0.0.1:8889", "http://localhost:8889", "https://wompi.test"])
def test_own_wompi_is_for_test_keys_only(host):
    assert find_error(KEYS["test"], f"{host}/v1", host) is None
    assert find_error(KEYS["prod"], f"{host}/v1", host).endswith("only test keys may be used there.")
