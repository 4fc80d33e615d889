"""Hand one message to an SMTP server."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import formatdate, parseaddr

from crm.core.config import Mail

TIMEOUT = 10  # seconds per step; a send has up to eleven, and the outbox takes over after 120


class Refused(Exception):
    """The server says no for good (5xx for this message): trying again would not help."""


class Unreachable(Exception):
    """The server could not be reached, would not let us in, or said "later"; try again."""


@dataclass(frozen=True, slots=True)
class Message:
    """`message_id` is the same for every attempt, so that a receiver can see a double."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str


def send(mail: Mail, message: Message) -> None:
    """Send it. Raises Refused or Unreachable, with a reason that holds no secret.

    A header that cannot be written, such as one with a line break, is Refused.
    """
    try:
        envelope = _envelope(mail, message)
    except (ValueError, IndexError, MessageError) as error:
        raise Refused(f"cannot be written as a message: {type(error).__name__}") from error
    try:
        server = _connected(mail)
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(_reason("sign-in", error)) from error
    try:
        server.send_message(envelope)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise (Refused if code >= 500 else Unreachable)(f"receiver refused with {code}") from error
    except smtplib.SMTPDataError as error:
        kind = Refused if error.smtp_code >= 500 else Unreachable
        raise kind(f"content refused with {error.smtp_code}") from error
    except (smtplib.SMTPNotSupportedError, UnicodeError) as error:
        raise Refused("the server cannot take an address with such letters") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(_reason("sending", error)) from error
    finally:
        # The message is taken, or it is not; a poor good-bye changes nothing about that.
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def host_of(address: str) -> str:
    """What stands after the @, in ASCII: names us in greetings and in Message-IDs."""
    host = address.rpartition("@")[2].strip() or "localhost"
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return "localhost"


def _connected(mail: Mail) -> smtplib.SMTP:
    greeting = host_of(parseaddr(mail.sender)[1])
    server = smtplib.SMTP(mail.host, mail.port, local_hostname=greeting, timeout=TIMEOUT)
    try:
        if mail.starttls:
            server.starttls(context=ssl.create_default_context())
        if mail.user:
            server.login(mail.user, mail.password)
    except BaseException:
        server.close()
        raise
    return server


def _reason(step: str, error: Exception) -> str:
    code = getattr(error, "smtp_code", None)
    return f"{step} failed: {type(error).__name__}{f' {code}' if code else ''}"


def _envelope(mail: Mail, message: Message) -> EmailMessage:
    if not parseaddr(message.to)[1]:
        raise ValueError("no receiver")
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
