"""The address of a client is the one that our own proxies saw."""

from types import SimpleNamespace

import pytest

from beneficiate.context import AppContext, get_context


@pytest.mark.parametrize(
    ("trusted_proxies", "forwarded", "expected"),
    [
        (0, "1.1.1.1", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 10.0.0.9", "1.1.1.1"),
        (2, "1.1.1.1", "10.0.0.1"),
        (1, " , 1.1.1.1 ,", "1.1.1.1"),
    ],
)
def test_forged_addresses_are_ignored(trusted_proxies, forwarded, expected):
    context = SimpleNamespace(settings=SimpleNamespace(trusted_proxies=trusted_proxies))
    assert AppContext.client_address(context, "10.0.0.1", forwarded) == expected


def test_context_is_that_of_the_application():
    context = object()
    assert get_context(SimpleNamespace(application=SimpleNamespace(context=context))) is context
