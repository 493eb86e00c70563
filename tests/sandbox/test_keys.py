"""The keys of the local Wompi are those of a test environment, and each is of its kind."""

from dataclasses import asdict

from beneficiate.sandbox.keys import TEST_KEYS
from beneficiate.wompi_keys import API_URLS, KEY_PREFIXES, find_configuration_error

SETTING_OF = {
    "public_key": "WOMPI_PUBLIC_KEY",
    "private_key": "WOMPI_PRIVATE_KEY",
    "events_secret": "WOMPI_EVENTS_SECRET",
    "integrity_secret": "WOMPI_INTEGRITY_SECRET",
}
LOCAL = ("http://127.0.0.1:8889/v1", "http://127.0.0.1:8889")


def configured(**changes):
    return {SETTING_OF[name]: key for name, key in {**asdict(TEST_KEYS), **changes}.items()}


def test_keys_are_right_for_a_wompi_of_ones_own_and_never_in_production():
    assert set(configured()) == set(KEY_PREFIXES)
    assert find_configuration_error(configured(), *LOCAL, is_production=False) is None
    assert find_configuration_error(configured(), *LOCAL, is_production=True)
    assert find_configuration_error(configured(), API_URLS["prod"], LOCAL[1], is_production=False)


def test_no_key_can_stand_for_another():
    keys = asdict(TEST_KEYS)
    assert len(set(keys.values())) == len(keys)
    for name in keys:
        other = next(key for one, key in keys.items() if one != name)
        assert find_configuration_error(configured(**{name: other}), *LOCAL, is_production=False)
