"""Secrets and URLs that must not be used."""

import pytest

from beneficiate.settings_checks import (
    choose_sandbox_port,
    find_contact_error,
    find_database_error,
    find_metrics_address_error,
    find_proxies_error,
    find_redis_error,
    find_secret_error,
    find_sender_error,
    find_smtp_error,
    normalize_origin,
    parse_metrics_address,
)

DEMO = "the-demo-secret-that-everybody-knows"


@pytest.mark.parametrize(
    "secret",
    [
        "a" * 32,
        "ab" * 20,
        "0123456789abcdef" * 2,
        "123456781234567812345678123456789",
        DEMO,
        f" {DEMO.upper()}!",
        "x" * 31,
        "abcdefghijklmnopqrstuvwxyzabcdef",
        "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ12-3456",
        "12345678901234567890123456789012345678901",
        "98765432109876543210zyxwvutsrqponmlkjihg",
        "qwertyuiopasdfghjklzxcvbnm1234567890",
        "aaaabbbbccccddddeeeeffffgggghhhhiiiijjjj",
        "Abcdefgh12345678ABCDEFGH12345678!!!x",
    ],
)
def test_secret_that_can_be_guessed_is_refused_in_production(secret):
    assert "BENEFICIATE_SECRET" in find_secret_error(secret, DEMO, is_production=True)


@pytest.mark.parametrize(
    "secret",
    [
        "9f86d081884c7d659a2feaa0c55ad015",
        "S3xk9Qw1ertyV7mLp0aZ5nB8cD2fGhJ4",
        "ñandú-café-über-señal-y-más",
        "correct horse battery staple!!!!!",
    ],
)
def test_secret_that_cannot_be_guessed_is_taken(secret):
    assert find_secret_error(secret, DEMO, is_production=True) is None


def test_development_needs_a_long_secret_only():
    assert find_secret_error("a" * 32, DEMO, is_production=False) is None
    assert "32 bytes" in find_secret_error("a" * 31, DEMO, is_production=False)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://www.beneficiate.co", "https://www.beneficiate.co"),
        ("HTTPS://WWW.Beneficiate.co:443/", "https://www.beneficiate.co"),
        ("http://localhost:8888", "http://localhost:8888"),
        ("http://[::1]:8888", "http://[::1]:8888"),
        ("http://a.co:80", "http://a.co"),
    ],
)
def test_origin_is_scheme_host_and_port(url, origin):
    assert normalize_origin(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "*", "null", "", "beneficiate.co", "//a.co", "ftp://a.co", "evil://127.0.0.1:9301", "127.0.0.1:9301",
        "https://", "https://*.a.co", "https://a.co/x", "https://a.co?x", "https://a.co#x", "https://u:p@a.co",
        "https://a.co:http", "https://a.co:99999", "https://a b.co", "https://evil.co://127.0.0.1:9301",
        "https://ñandú.co", "https://[::1", "https://a.co\n",
    ],
)  # fmt: skip
def test_anything_more_or_less_is_no_origin(url):
    assert normalize_origin(url) is None


def test_mail_server_is_needed_in_production_and_its_password_is_not_shown():
    assert find_smtp_error("", is_production=False) is None
    assert "SMTP_URL" in find_smtp_error("", is_production=True)
    assert find_smtp_error("smtps://ana:clave@mail.x.co", is_production=True) is None
    for wrong in ("mail.x.co:587", "http://ana:clave@mail.x.co", "smtp://"):
        assert "clave@mail" not in find_smtp_error(wrong, is_production=False)


@pytest.mark.parametrize("phone", ["", "5550100", "601 555 0100", "+57 601-555-0100", "018000 123456"])
def test_contact_phone_is_digits_in_groups_or_absent(phone):
    assert find_contact_error(phone, "", is_production=False) is None


@pytest.mark.parametrize(
    "phone", ["123", "1234567890123456", "llame ya", "601  5550100", " 6015550100", "601 555 0100 ext. 2"]
)
def test_other_contact_phone_is_refused_by_name(phone):
    assert "BENEFICIATE_CONTACT_PHONE" in find_contact_error(phone, "", is_production=False)


@pytest.mark.parametrize("email", ["", "ayuda@beneficiate.co", "a.b+c@x-y.com.co"])
def test_contact_email_is_an_address_or_absent(email):
    assert find_contact_error("", email, is_production=False) is None


@pytest.mark.parametrize(
    "email", ["ayuda", "@a.co", "a@b", "a@b..co", "a b@c.co", "a@b.co?bcc=x@y.co", f"{'a' * 250}@b.co"]
)
def test_other_contact_email_is_refused_by_name(email):
    assert "BENEFICIATE_CONTACT_EMAIL" in find_contact_error("", email, is_production=False)


def test_production_needs_both_contacts():
    for given in (("", ""), ("5550100", ""), ("", "a@b.co")):
        assert "must be set in production" in find_contact_error(*given, is_production=True)
    assert find_contact_error("5550100", "a@b.co", is_production=True) is None


def test_production_needs_the_number_of_proxies():
    assert "BENEFICIATE_PROXIES" in find_proxies_error(None, is_production=True)
    assert find_proxies_error(None, is_production=False) is None
    assert find_proxies_error(0, is_production=True) is None


def test_sender_of_emails_is_an_address():
    assert find_sender_error("citas@beneficiate.co") is None
    for sender in ("", "citas", "citas@beneficiate.co\nBcc: x@y.co", "Citas <citas@beneficiate.co>"):
        assert "BENEFICIATE_MAIL_FROM" in find_sender_error(sender)


@pytest.mark.parametrize("url", ["sqlite:///var/a.db", "postgresql://u:p@host/name", "postgres://host/name"])
def test_databases_that_are_known(url):
    assert find_database_error(url) is None
    assert "DATABASE_URL" in find_database_error(f"my{url}")


def test_url_of_sqlite_names_a_file():
    for url in ("sqlite:///", "sqlite:///:memory:"):
        assert "must name a file" in find_database_error(url)
    for url in ("sqlite://a.db", "a.db", "", "ana:clave@host"):
        problem = find_database_error(url)
        assert problem.startswith("DATABASE_URL must begin with")
        assert "clave" not in problem


def test_url_of_redis_is_read_before_it_is_needed():
    good = ("", "redis://localhost", "redis://:clave@localhost:6379/0", "rediss://host/", "unix:///run/redis.sock")
    assert [find_redis_error(url) for url in good] == [None] * len(good)
    for url in ("localhost:6379", "http://host", "redis://", "redis://:clave@host:abc", "redis://host/uno", "unix://"):
        problem = find_redis_error(url)
        assert problem.startswith("REDIS_URL must be")
        assert "clave" not in problem


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("127.0.0.1:9100", "127.0.0.1"),
        ("[::1]:9100", "::1"),
        ("10.0.3.7:9100", "10.0.3.7"),
        ("[::ffff:10.0.3.7]:9100", "::ffff:10.0.3.7"),
        ("localhost:9100", "localhost"),
    ],
)
def test_metrics_are_read_from_this_machine_or_a_private_network(address, host):
    assert find_metrics_address_error(address) is None
    assert parse_metrics_address(address) == (host, 9100)


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0:9100", "[::]:9100", ":9100", "9100", "8.8.8.8:9100", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000"),
        *("metrics.example.co:9100", "127.0.0.1:9100/metrics", "ana@127.0.0.1:9100", "[::1:9100"),
        *("[::ffff:0.0.0.0]:9100", "[::ffff:0:0]:9100", "[::ffff:8.8.8.8]:9100"),
    ],
)
def test_metrics_are_not_read_by_everybody(address):
    assert "BENEFICIATE_METRICS_ADDRESS must be" in find_metrics_address_error(address)


@pytest.mark.parametrize(
    ("address", "port"), [("", 8001), ("127.0.0.1:9100", 8001), ("127.0.0.1:8001", 8002), ("[::1]:8001", 8002)]
)
def test_local_wompi_leaves_the_port_of_the_metrics(address, port):
    assert choose_sandbox_port(8000, address) == port
