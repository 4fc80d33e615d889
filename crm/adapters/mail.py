"""Hand one message to an SMTP server."""

import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate

from crm.core.config import Mail

TIMEOUT = 20  # seconds for one whole send; the outbox counts on it when it calls a claim stale


class Refused(Exception):
    """The server says no for good (5xx for the receiver): trying again would not help."""


class Unreachable(Exception):
    """The server could not be reached or said "later"; try again."""


@dataclass(frozen=True, slots=True)
class Message:
    """`message_id` is the same for every attempt, so that a receiver can see a double."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str


def send(mail: Mail, message: Message) -> None:
    """Send it. Raises Refused or Unreachable; a header with a line break is Refused."""
    try:
        envelope = _envelope(mail, message)
    except ValueError as error:
        raise Refused(str(error)) from error
    try:
        with smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT) as server:
            if mail.starttls:
                server.starttls()
            if mail.user:
                server.login(mail.user, mail.password)
            server.send_message(envelope)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise (Refused if code >= 500 else Unreachable)(f"receiver refused with {code}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(type(error).__name__) from error


def _envelope(mail: Mail, message: Message) -> EmailMessage:
    envelope = EmailMessage()
    envelope["From"] = mail.sender
    envelope["To"] = message.to
    envelope["Subject"] = message.subject
    envelope["Date"] = formatdate(localtime=False)
    envelope["Message-ID"] = message.message_id
    envelope["Auto-Submitted"] = "auto-generated"
    envelope.set_content(message.text)
    if message.html:
        envelope.add_alternative(message.html, subtype="html")
    return envelope
