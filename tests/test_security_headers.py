"""The headers of every answer: the policy is the answer's own, HSTS only over TLS."""

from beneficiate.security_headers import API_CSP, HSTS, SECURITY_HEADERS, build_security_headers


def test_policy_is_added_to_the_headers_of_all():
    assert build_security_headers(API_CSP, is_secure=False) == {**SECURITY_HEADERS, "Content-Security-Policy": API_CSP}


def test_strict_transport_is_demanded_over_tls_only():
    assert build_security_headers("x", is_secure=True)["Strict-Transport-Security"] == HSTS
