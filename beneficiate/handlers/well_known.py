"""Addresses that browsers, search engines and security researchers ask every site for."""

from datetime import UTC, datetime, timedelta

from beneficiate.errors import Problem
from beneficiate.handlers.base import BaseHandler

SECURITY_TXT_DAYS = 180
"""RFC 9116 recommends less than a year."""


class PlainTextHandler(BaseHandler):
    """A text for programs."""

    def write_problem(self, problem: Problem) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(problem.sentence)

    def write_text(self, text: str) -> None:
        """Answer with a text."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(text)


class RobotsTextHandler(PlainTextHandler):
    """`/robots.txt`: nothing here is for search engines but the plans."""

    def get(self) -> None:
        self.write_text("User-agent: *\nAllow: /planes$\nDisallow: /\n")


class SecurityTextHandler(PlainTextHandler):
    """`/.well-known/security.txt` (RFC 9116)."""

    def get(self) -> None:
        settings = self.context.settings
        expires = (datetime.now(UTC) + timedelta(days=SECURITY_TXT_DAYS)).strftime("%Y-%m-%dT00:00:00Z")
        self.write_text(
            f"Contact: mailto:{settings.mail_from}\nExpires: {expires}\nPreferred-Languages: es, en\n"
            f"Canonical: {settings.own_url}/.well-known/security.txt\n"
        )


class ChangePasswordHandler(PlainTextHandler):
    """`/.well-known/change-password`: password managers lead people to their own page."""

    def get(self) -> None:
        self.redirect("/mi/acceso")
