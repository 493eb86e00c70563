"""Clients that send e-mail: by SMTP when it is configured, otherwise into a folder for development."""

from email.message import EmailMessage
from email.utils import formataddr, make_msgid
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from beneficiate.errors import Unavailable

log = structlog.get_logger(__name__)

SMTP_TIMEOUT_S = 15


class MailClient(Protocol):
    """Anything that can send an e-mail."""

    async def send(self, message: EmailMessage) -> None:
        """Send an e-mail. Raises Unavailable when it was not accepted."""


class SmtpMailClient:
    """Sends by a mail server, given as `smtp://user:password@host:587` (STARTTLS) or `smtps://…` (implicit TLS)."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._options = {
            "hostname": parts.hostname,
            "port": parts.port,
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "use_tls": parts.scheme == "smtps",
            "timeout": SMTP_TIMEOUT_S,
        }

    async def send(self, message: EmailMessage) -> None:
        """Send the message. Raises MailError."""
        try:
            await aiosmtplib.send(message, **self._options)  # type: ignore[arg-type]
        except (aiosmtplib.SMTPException, OSError) as problem:
            log.warning("email_not_sent", problem=type(problem).__name__)
            raise Unavailable from problem


class FolderMailClient:
    """Writes e-mails as `.eml` files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        """Write the message to the folder as an .eml file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").split("@")[0]
        (self._folder / f"{name}.eml").write_bytes(bytes(message))


def build_email(sender: str, name: str, email: str, subject: str, text: str, html: str) -> EmailMessage:
    """Build an e-mail with a text part and an HTML part."""
    message = EmailMessage()
    message["From"] = formataddr(("Beneficiate", sender))
    message["To"] = formataddr((" ".join(name.split()), email))
    message["Subject"] = subject
    message["Message-ID"] = make_msgid(domain=sender.rsplit("@", 1)[-1])
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def attach_calendar(message: EmailMessage, ics: bytes, *, is_cancelled: bool) -> None:
    """Attach a calendar entry, so that mail programs offer to accept it (RFC 6047)."""
    params = {"method": "CANCEL" if is_cancelled else "REQUEST", "charset": "utf-8"}
    message.add_attachment(ics, maintype="text", subtype="calendar", filename="cita.ics", params=params)
