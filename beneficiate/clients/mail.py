"""Clients that send e-mail: by SMTP when it is configured, otherwise into a folder for development."""

import unicodedata
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from beneficiate.domain.email_addresses import encode_email_address
from beneficiate.errors import Unavailable

log = structlog.get_logger(__name__)

SMTP_TIMEOUT_S = 20
MAX_WORD_CHARS = 40
MAX_NAME_CHARS = 100
"""Of the name of a recipient."""
UNSUBSCRIBE_HEADER = "List-Unsubscribe"
PERMANENT_CODES = range(500, 600)


class MailRefused(Exception):
    """The mail server will never take this e-mail, or its address is none."""


class MailInDoubt(Exception):
    """The mail server may have taken the e-mail: it did not say so in time."""


class WholeLinkPolicy(EmailPolicy):
    """Writes the address of `List-Unsubscribe` in one line.

    Python encodes a word that is longer than a line (RFC 2047), and mail programs find no address in what it makes.
    """

    def fold(self, name: str, value: str) -> str:
        """Return the lines of a header."""
        return f"{name}: {value}{self.linesep}" if name == UNSUBSCRIBE_HEADER else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the lines of a header as bytes."""
        if name == UNSUBSCRIBE_HEADER:
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


@dataclass(frozen=True, slots=True)
class EmailHeaders:
    """Who writes to whom about what. `key` is that of the e-mail: sent again, it is the same message to its reader."""

    sender: str
    name: str
    email: str
    subject: str
    key: str


class MailClient(Protocol):
    """Anything that can send an e-mail."""

    async def send(self, message: EmailMessage, recipient: str) -> None:
        """Send an e-mail to an address. Raises Unavailable when it was not taken now, MailRefused, MailInDoubt."""


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

    async def send(self, message: EmailMessage, recipient: str) -> None:
        """Send an e-mail. The envelope is given, not read from headers. Raises as MailClient says."""
        sender = message["From"].addresses[0].addr_spec
        try:
            data = message.as_bytes(policy=message.policy.clone(linesep="\r\n", cte_type="7bit"))
            await aiosmtplib.send(data, sender=sender, recipients=[recipient], **self._options)  # type: ignore[arg-type]
        except aiosmtplib.SMTPReadTimeoutError as problem:
            log.warning("mail_in_doubt")
            raise MailInDoubt from problem
        except (aiosmtplib.SMTPException, OSError, UnicodeError, ValueError) as problem:
            is_refused = _is_refusal(problem)
            log.warning("mail_not_taken", problem=type(problem).__name__, is_refused=is_refused)
            raise (MailRefused if is_refused else Unavailable) from problem


class FolderMailClient:
    """Writes e-mails as `.eml` files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage, recipient: str) -> None:
        """Write the message to the folder as an .eml file; one that is written again replaces itself."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").split("@")[0]
        (self._folder / f"{name}.eml").write_bytes(bytes(message))


def build_email(headers: EmailHeaders, text: str, html: str) -> EmailMessage:
    """Build an e-mail with a text part and an HTML part. Raises MailRefused when the recipient has no valid address."""
    recipient = encode_email_address(headers.email)
    if recipient is None:
        raise MailRefused
    message = EmailMessage(policy=WholeLinkPolicy())
    message["From"] = Address("Beneficiate", addr_spec=headers.sender)
    message["To"] = Address(_display_name(headers.name), addr_spec=recipient)
    message["Subject"] = headers.subject
    message["Message-ID"] = f"<{headers.key}@{headers.sender.rpartition('@')[2]}>"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def offer_unsubscribe(message: EmailMessage, url: str) -> None:
    """Let mail programs end e-mails of this kind with one click at `url` (RFC 2369, RFC 8058); empty: they cannot."""
    if url:
        message[UNSUBSCRIBE_HEADER] = f"<{url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def attach_calendar(message: EmailMessage, ics: bytes, *, is_cancelled: bool) -> None:
    """Attach a calendar entry, so that mail programs offer to accept it (RFC 6047)."""
    params = {"method": "CANCEL" if is_cancelled else "REQUEST", "charset": "utf-8"}
    message.add_attachment(ics, maintype="text", subtype="calendar", filename="cita.ics", params=params)


def _is_refusal(problem: Exception) -> bool:
    """Return whether the server refused this e-mail for good: not its sender, not our password."""
    if isinstance(problem, aiosmtplib.SMTPRecipientsRefused):
        return all(one.code in PERMANENT_CODES for one in problem.recipients)
    if isinstance(problem, aiosmtplib.SMTPAuthenticationError | aiosmtplib.SMTPSenderRefused):
        return False
    if isinstance(problem, aiosmtplib.SMTPResponseException):
        return problem.code in PERMANENT_CODES
    return isinstance(problem, aiosmtplib.SMTPNotSupported | UnicodeError | ValueError)


def _display_name(name: str) -> str:
    """Return a name without control and format characters, which could pretend to be another header.

    Long words are cut, since Python folds a header with a word longer than a line into one with an empty line. What
    looks like an encoded word (RFC 2047) is broken up: its reader would see another text.
    """
    shown = "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in name)
    words = (word[:MAX_WORD_CHARS] for word in shown.replace("=?", "= ?").split())
    return " ".join(words)[:MAX_NAME_CHARS].strip()
