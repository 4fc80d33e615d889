"""The job that sends what waits in the outbox."""

import hashlib
import logging
import os
import socket
import uuid
from datetime import datetime
from email.utils import parseaddr

from flask import current_app

from crm.adapters import mail
from crm.core.config import Mail, Settings
from crm.core.db import transaction
from crm.outbox import operations, queries

log = logging.getLogger("crm.outbox")

AT_MOST = 50  # letters in one run, so that a full outbox does not hold up the clock


def deliver(now: datetime) -> int:
    """Send waiting letters, one at a time: claim, send outside any transaction, mark.

    Killed after sending and before marking, the letter goes out once more with the same Message-ID.
    Any number of processes may run this at once. Returns how many letters were sent.
    """
    settings: Settings = current_app.extensions["settings"]
    if not settings.mail.host:
        return 0  # kept until a mail server is set up; the status page says so
    sent = 0
    me = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
    for _turn in range(AT_MOST):
        with transaction(cause="outbox"):
            claimed = operations.claim(me, queries.database_now(), limit=1)
            letter = queries.outgoing(claimed[0]) if claimed else None
        if letter is None:
            break
        try:
            mail.send(settings.mail, _message(letter, settings.mail))
        except mail.Refused as error:
            log.warning("letter %s was refused: %s", letter.id, error)
            with transaction(cause="outbox"):
                operations.mark_refused(letter.id, me, str(error))
        except mail.Unreachable as error:
            log.warning("letter %s will be tried again: %s", letter.id, error)
            with transaction(cause="outbox"):
                operations.put_back(
                    letter.id, me, letter.attempts, str(error), queries.database_now()
                )
        else:
            with transaction(cause="outbox"):
                operations.mark_sent(letter.id, me, now)
            sent += 1
    return sent


def tidy(now: datetime) -> int:
    """Once a day: letters lose their words after a few days, and later go altogether."""
    with transaction(cause="outbox.tidy"):
        return operations.tidy(now)


def _message(letter: queries.Outgoing, settings: Mail) -> mail.Message:
    return mail.Message(
        to=letter.to,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        message_id=message_id(letter.key, settings),
    )


def message_id(key: str, settings: Mail) -> str:
    """The same for every attempt at the same letter, and for no other letter."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:40]
    return f"<{digest}@{mail.host_of(parseaddr(settings.sender)[1])}>"
