"""The headers that every answer has, of pages, the API and refused handshakes alike."""

from collections.abc import Mapping

SECURITY_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cache-Control": "no-store",
}
HSTS = "max-age=31536000; includeSubDomains"
API_CSP = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def build_security_headers(content_security_policy: str, *, is_secure: bool) -> dict[str, str]:
    """Return the headers of an answer with this policy; `is_secure` is whether browsers reach us over TLS."""
    headers = {**SECURITY_HEADERS, "Content-Security-Policy": content_security_policy}
    return {**headers, "Strict-Transport-Security": HSTS} if is_secure else headers
