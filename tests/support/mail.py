"""A real SMTP server on this machine that keeps what it is given."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class Mailbox:
    """What arrived, oldest first. Set `answer` to make the next messages be refused."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answer = "250 Message accepted"
        self.refused_addresses: set[str] = set()
        self.host = "127.0.0.1"
        self.port = 0

    def clear(self) -> None:
        self.messages.clear()
        self.recipients.clear()

    # aiosmtpd calls these by name.

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refused_addresses:
            return "550 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            parsed = BytesParser(policy=policy.default).parsebytes(envelope.content)
            assert isinstance(parsed, EmailMessage)
            self.messages.append(parsed)
            self.recipients.append(list(envelope.rcpt_tos))
        return self.answer


class _Server(Controller):
    def factory(self) -> SMTP:
        return SMTP(self.handler, enable_SMTPUTF8=True, hostname="test.local", ident="test")


@contextmanager
def smtp_server() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    with socket.socket() as probe:
        probe.bind((mailbox.host, 0))
        mailbox.port = probe.getsockname()[1]
    server = _Server(mailbox, hostname=mailbox.host, port=mailbox.port)
    server.start()
    try:
        yield mailbox
    finally:
        server.stop()
