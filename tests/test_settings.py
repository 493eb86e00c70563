"""Settings come from the environment, and bad ones stop the start."""

import pytest

from beneficiate.settings import DEMO_SECRET, BadSettings, Settings
from tests.people import SECRET

PRODUCTION = {"BENEFICIATE_ENV": "production", "BENEFICIATE_SECRET": SECRET, "BENEFICIATE_PUBLIC_URL": "https://x.co/"}


def read(**environ):
    return Settings.from_environment(environ)


def test_nothing_in_the_environment_means_development():
    assert read() == Settings()
    assert (read().env, read().secret, read().own_url) == ("development", DEMO_SECRET, "http://localhost:8888")


def test_values_are_read_as_what_their_defaults_are():
    given = read(
        PORT="9000",
        BENEFICIATE_BEAT_S="2.5",
        BENEFICIATE_ORIGINS=" https://a.co, https://b.co/ ,",
        REDIS_URL="redis://x",
    )
    assert (given.port, given.beat_s, given.redis_url) == (9000, 2.5, "redis://x")
    assert given.allowed_origins == {"http://localhost:9000", "https://a.co", "https://b.co"}


def test_an_empty_variable_is_as_good_as_none():
    assert read(PORT="", BENEFICIATE_SECRET="") == Settings()


def test_what_the_command_line_gives_wins():
    assert Settings.from_environment({"PORT": "9000"}, port=7000).port == 7000
    assert Settings.from_environment({"PORT": "9000"}, port=None).port == 9000


def test_production_starts_with_a_secret_and_tls():
    given = read(**PRODUCTION)
    assert given.is_production
    assert given.is_secure
    assert given.own_url == "https://x.co"
    assert given.allowed_origins == {"https://x.co"}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"BENEFICIATE_SECRET": DEMO_SECRET}, "BENEFICIATE_SECRET"),
        ({"BENEFICIATE_SECRET": ""}, "BENEFICIATE_SECRET"),
        ({"BENEFICIATE_SECRET": "x" * 31}, "BENEFICIATE_SECRET"),
        ({"BENEFICIATE_PUBLIC_URL": ""}, "BENEFICIATE_PUBLIC_URL"),
        ({"BENEFICIATE_PUBLIC_URL": "http://x.co"}, "BENEFICIATE_PUBLIC_URL"),
        ({"BENEFICIATE_ENV": "staging"}, "BENEFICIATE_ENV"),
        ({"PORT": "http"}, "PORT"),
        ({"PORT": "88.5"}, "PORT"),
        ({"BENEFICIATE_BEAT_S": "soon"}, "BENEFICIATE_BEAT_S"),
    ],
)
def test_bad_settings_stop_the_start_and_are_named(changes, named):
    with pytest.raises(BadSettings, match=named):
        read(**PRODUCTION | changes)


def test_a_short_secret_is_refused_in_development_too():
    with pytest.raises(BadSettings):
        read(BENEFICIATE_SECRET="x" * 31)
    assert read(BENEFICIATE_SECRET="ñ" * 16)
