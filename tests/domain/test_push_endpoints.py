"""A browser says where to send pushes, so anybody does: only services of the Internet are called."""

import pytest

from beneficiate.domain.push_endpoints import find_origin, is_public_address, is_push_endpoint

LOCAL = "http://127.0.0.1:9900"


@pytest.mark.parametrize(
    "url",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
        "https://web.push.apple.com:443/QGU",
        "https://wns2-by3p.notify.windows.com/w/?token=BQYA%2f",
        f"{LOCAL}/push/1",
    ],
)
def test_services_of_browsers_are_taken(url):
    assert is_push_endpoint(url, LOCAL)


@pytest.mark.parametrize(
    "url",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://user@fcm.googleapis.com/x",
        "https://127.0.0.1/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://localhost/x",
        "https://database/x",
        "https://fcm.googleapis.com:99999/x",
        "https://[/x",
        "https://fcm.googleapis.com/a b",
        "https://fcm.googleapis.com/ñ",
        "https://fcm.googleapis.com/" + "a" * 1024,
        "http://127.0.0.1:9901/push/1",
        "file:///etc/passwd",
        "",
    ],
)
def test_anything_else_is_refused(url):
    assert not is_push_endpoint(url, LOCAL)


@pytest.mark.parametrize("address", ["8.8.8.8", "2600:1901:0:38d7::"])
def test_addresses_of_the_internet_are_public(address):
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  not bound to
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:8.8.8.8",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "::10.0.0.1",
        "::ffff:0:10.0.0.1",
        "fec0::1",
        "2002:0a00:0001::",
        "name",
    ],
)
def test_all_others_are_not(address):
    assert not is_public_address(address)


def test_origin_has_the_port_that_the_url_names():
    assert find_origin("https://a.co/x?y") == "https://a.co"
    assert find_origin(f"{LOCAL}/push/1") == LOCAL
