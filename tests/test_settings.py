"""Settings come from the environment, and bad ones stop the start."""

import pytest

from beneficiate.settings import DEMO_SECRET, InvalidSettings, Settings
from beneficiate.wompi_keys import API_URLS, KEY_PREFIXES
from tests.factories import SECRET

PRODUCTION = {
    "BENEFICIATE_ENV": "production",
    "BENEFICIATE_SECRET": SECRET,
    "BENEFICIATE_ENCRYPTION_KEYS": "9f86d081884c7d659a2feaa0c55ad015",
    "BENEFICIATE_PUBLIC_URL": "https://x.co/",
    "BENEFICIATE_PROXIES": "1",
    "SMTP_URL": "smtp://mail.x.co:587",
    "BENEFICIATE_CONTACT_PHONE": "601 555 0100",
    "BENEFICIATE_CONTACT_EMAIL": "ayuda@x.co",
}

KEYS = {environment: {name: f"{prefixes[n]}x7Q" for name, prefixes in KEY_PREFIXES.items()}
        for n, environment in enumerate(API_URLS)}  # fmt: skip
LOCAL = {"WOMPI_BASE_URL": "http://127.0.0.1:8889/v1", "WOMPI_CHECKOUT_URL": "http://127.0.0.1:8889"}


def read(**environ):
    return Settings.from_environment(environ)


def test_nothing_in_the_environment_means_development():
    assert read() == Settings()
    assert (read().env, read().secret, read().own_url) == ("development", DEMO_SECRET, "http://localhost:8888")


def test_development_is_for_this_machine_alone():
    assert read().listen_address == "localhost"
    assert read(BENEFICIATE_ADDRESS="127.0.0.1").listen_address == "127.0.0.1"
    with pytest.raises(InvalidSettings, match="BENEFICIATE_SECRET must be set when others reach"):
        read(BENEFICIATE_ADDRESS="10.0.0.7")
    assert read(BENEFICIATE_ADDRESS="10.0.0.7", BENEFICIATE_SECRET=SECRET).listen_address == "10.0.0.7"
    with pytest.raises(InvalidSettings, match="set BENEFICIATE_ENV=production"):
        read(BENEFICIATE_PUBLIC_URL="https://citas.example.co")
    assert read(**PRODUCTION).listen_address is None


def test_a_process_is_behind_a_proxy_when_it_is_said():
    assert [read(BENEFICIATE_PROXIES=said).is_behind_proxy for said in ("", "0", "1", "2")] == [
        False,
        False,
        True,
        True,
    ]


def test_production_needs_an_encryption_key_of_its_own():
    forgotten = {name: text for name, text in PRODUCTION.items() if name != "BENEFICIATE_ENCRYPTION_KEYS"}
    wrong = {"": "the demo secret is public", "x" * 31: "32 bytes", "ab" * 20: "repeats itself", SECRET: "SECRET in it"}
    for keys, sentence in wrong.items():
        with pytest.raises(InvalidSettings, match=f"BENEFICIATE_ENCRYPTION_KEYS.*{sentence}"):
            read(**forgotten, BENEFICIATE_ENCRYPTION_KEYS=keys)
    old, new = PRODUCTION["BENEFICIATE_ENCRYPTION_KEYS"], "S3xk9Qw1ertyV7mLp0aZ5nB8cD2fGhJ4"
    with pytest.raises(InvalidSettings, match="same key twice"):
        read(**forgotten, BENEFICIATE_ENCRYPTION_KEYS=f"{old},{old}")
    with pytest.raises(InvalidSettings, match="must have a key"):
        read(BENEFICIATE_ENCRYPTION_KEYS=",")
    assert read(**forgotten, BENEFICIATE_ENCRYPTION_KEYS=f"{new}, {old}").encryption_keys == (new, old)


def test_second_factor_is_optional_or_required():
    assert not read().requires_second_factor
    assert read(BENEFICIATE_SECOND_FACTOR="required").requires_second_factor
    with pytest.raises(InvalidSettings, match="'optional' or 'required', not 'si'"):
        read(BENEFICIATE_SECOND_FACTOR="si")


def test_origins_are_compared_as_browsers_write_them():
    given = read(BENEFICIATE_ORIGINS="https://WWW.a.co:443/,http://localhost:3000")
    assert given.allowed_origins == {"http://localhost:8888", "https://www.a.co", "http://localhost:3000"}


def test_values_are_read_as_what_their_defaults_are():
    given = read(
        PORT="9000",
        BENEFICIATE_BEAT_S="2.5",
        BENEFICIATE_ORIGINS=" https://a.co, https://b.co/ ,",
        REDIS_URL="redis://x",
    )
    assert (given.port, given.ping_interval_s, given.redis_url) == (9000, 2.5, "redis://x")
    assert given.allowed_origins == {"http://localhost:9000", "https://a.co", "https://b.co"}


def test_an_empty_variable_is_as_good_as_none():
    assert read(PORT="", BENEFICIATE_SECRET="", BENEFICIATE_ENV="") == read(BENEFICIATE_ENV=" ") == Settings()


def test_a_misspelled_variable_stops_the_start_and_the_nearest_is_named():
    with pytest.raises(InvalidSettings) as caught:
        read(BENEFICIATE_PUBLC_URL="https://x.co")
    assert str(caught.value) == "BENEFICIATE_PUBLC_URL is no setting. Did you mean BENEFICIATE_PUBLIC_URL?"
    assert read(BENEFICIATES="1", HOME="/root") == Settings()


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
        ({"BENEFICIATE_SECRET": f"{DEMO_SECRET} "}, "BENEFICIATE_SECRET"),
        ({"BENEFICIATE_SECRET": "0123456789abcdef" * 2}, "BENEFICIATE_SECRET"),
        ({"BENEFICIATE_PUBLIC_URL": "https://x.co/app"}, "BENEFICIATE_PUBLIC_URL"),
        ({"BENEFICIATE_PROXIES": ""}, "BENEFICIATE_PROXIES"),
        ({"BENEFICIATE_PROXIES": "-1"}, "BENEFICIATE_PROXIES"),
        ({"BENEFICIATE_PROXIES": "11"}, "BENEFICIATE_PROXIES"),
        ({"SMTP_URL": ""}, "SMTP_URL"),
        ({"BENEFICIATE_CONTACT_PHONE": ""}, "BENEFICIATE_CONTACT_PHONE"),
        ({"BENEFICIATE_CONTACT_EMAIL": ""}, "BENEFICIATE_CONTACT_EMAIL"),
        ({"SMTP_URL": "mail.x.co"}, "SMTP_URL"),
        ({"BENEFICIATE_ORIGINS": "https://a.co,*"}, "BENEFICIATE_ORIGINS"),
        ({"BENEFICIATE_ORIGINS": "null"}, "BENEFICIATE_ORIGINS"),
        ({"BENEFICIATE_ORIGINS": "http://a.co"}, "BENEFICIATE_ORIGINS"),
        ({"BENEFICIATE_ACCESS_TOKEN_S": "315360000"}, "BENEFICIATE_ACCESS_TOKEN_S"),
        ({"BENEFICIATE_SIGN_IN_ATTEMPTS": "-5"}, "BENEFICIATE_SIGN_IN_ATTEMPTS"),
        ({"BENEFICIATE_LINES_PER_S": "0"}, "BENEFICIATE_LINES_PER_S"),
        ({"BENEFICIATE_FRAME_BYTES": "131073"}, "BENEFICIATE_FRAME_BYTES"),
        ({"BENEFICIATE_BEAT_S": "nan"}, "BENEFICIATE_BEAT_S"),
        ({"PORT": "65536"}, "PORT"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"BENEFICIATE_ENV": "staging"}, "BENEFICIATE_ENV"),
        ({"PORT": "http"}, "PORT"),
        ({"PORT": "88.5"}, "PORT"),
        ({"BENEFICIATE_BEAT_S": "soon"}, "BENEFICIATE_BEAT_S"),
    ],
)
def test_bad_settings_stop_the_start_and_are_named(changes, named):
    with pytest.raises(InvalidSettings, match=named):
        read(**PRODUCTION | changes)


def test_a_short_secret_is_refused_in_development_too():
    with pytest.raises(InvalidSettings):
        read(BENEFICIATE_SECRET="x" * 31)
    assert read(BENEFICIATE_SECRET="ñ" * 16)


# ---- Wompi ---------------------------------------------------------------------------------------


def test_wrong_keys_or_urls_of_wompi_stop_the_start_and_no_key_is_shown():
    for context, given, other in (({}, "test", "prod"), ({}, "prod", "test"), (PRODUCTION, "prod", "test")):
        for wrong in ({"WOMPI_PUBLIC_KEY": KEYS[other]["WOMPI_PUBLIC_KEY"]}, {"WOMPI_BASE_URL": API_URLS[other]}):
            with pytest.raises(InvalidSettings, match=next(iter(wrong))) as caught:
                read(**context, **{**KEYS[given], **wrong})
            assert "x7Q" not in str(caught.value)


def test_production_takes_no_test_keys():
    assert read(**PRODUCTION, **KEYS["prod"]).takes_payments
    with pytest.raises(InvalidSettings, match="test keys"):
        read(**PRODUCTION, **KEYS["test"])


def test_without_keys_there_are_no_payments():
    assert (read().takes_payments, read().wompi_environment, read().wompi_api) == (False, "", "")
    assert not read(**PRODUCTION).takes_payments


@pytest.mark.parametrize("environment", API_URLS)
def test_the_keys_say_which_wompi_is_meant(environment):
    given = read(**KEYS[environment])
    assert (given.takes_payments, given.wompi_environment, given.wompi_api) == (
        True,
        environment,
        API_URLS[environment],
    )
    assert given.checkout_url("test_abc") == "https://checkout.wompi.co/l/test_abc"


@pytest.mark.parametrize("missing", KEY_PREFIXES)
def test_some_keys_may_be_missing(missing):
    given = read(**{name: key for name, key in KEYS["prod"].items() if name != missing})
    assert given.wompi_environment == "prod"
    assert given.takes_payments is (missing not in ("WOMPI_PUBLIC_KEY", "WOMPI_PRIVATE_KEY"))
    with pytest.raises(InvalidSettings, match=f"missing: {missing}"):
        read(**PRODUCTION, **{name: key for name, key in KEYS["prod"].items() if name != missing})


@pytest.mark.parametrize("name", KEY_PREFIXES)
def test_one_key_alone_says_the_environment(name):
    for environment, keys in KEYS.items():
        assert read(**{name: keys[name]}).wompi_environment == environment


@pytest.mark.parametrize(
    "host", ["http://127.0.0.1:8889", "http://localhost:8889", "http://wompi", "https://wompi.test"]
)
def test_a_wompi_of_ones_own_takes_test_keys_only(host):
    own = {"WOMPI_BASE_URL": f"{host}/v1/", "WOMPI_CHECKOUT_URL": host}
    given = read(**KEYS["test"], **own)
    assert (given.wompi_api, given.checkout_url("a")) == (f"{host}/v1", f"{host}/l/a")
    with pytest.raises(InvalidSettings, match="only test keys"):
        read(**KEYS["prod"], **own)


def test_without_keys_an_address_of_wompi_is_not_looked_at():
    assert not read(**LOCAL).takes_payments


@pytest.mark.parametrize("end", ["", "/", "/l", "/l/"])
def test_the_checkout_may_be_given_with_and_without_the_place_of_its_links(end):
    for host in ("https://checkout.wompi.co", "http://127.0.0.1:8889"):
        given = read(**KEYS["test"], WOMPI_CHECKOUT_URL=host + end)
        assert given.checkout_url("test_abc") == f"{host}/l/test_abc"


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_address_of_the_api_may_end_in_a_slash(slash):
    given = read(**KEYS["test"], WOMPI_BASE_URL=API_URLS["test"] + slash)
    assert given.wompi_api == API_URLS["test"]
