"""The address that products send to: signed messages, one at a time. Hung up in `views.py`.

What is wrong is told in one word of JSON, to be read by who builds the sender. Nothing that could
be somebody's name is written to a log.
"""

import logging
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from flask import Response, current_app, jsonify, request
from flask_babel import force_locale
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from crm.accounts.queries import network
from crm.core import clock
from crm.core.config import Settings
from crm.core.db import transaction
from crm.rules.trials import Refused, read_event
from crm.rules.webhooks import is_in_time, is_message_id, is_signed
from crm.trials import operations, queries, signing
from crm.trials.operations import SaidOtherwise, Taken
from crm.web.access import public
from crm.web.throttle import Throttle

MOST_BYTES: Final = 64 * 1024
_A_MINUTE: Final = Throttle(300, timedelta(minutes=1))
log = logging.getLogger("crm.trials")


def _say(status: HTTPStatus, word: str) -> Response:
    """`word` says what became of the message, or what is wrong with it."""
    response = jsonify(status=word) if status < 400 else jsonify(error=word)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        response.headers["Retry-After"] = "60"
    return response


@public
def take(key: str) -> Response:
    """One message. An unknown sender and a wrong signature get one and the same answer."""
    now = clock.now()
    if not _A_MINUTE.allows(network(request.remote_addr or ""), now):
        return _say(HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests")
    request.max_content_length = MOST_BYTES
    try:
        body = request.get_data(cache=False)
    except HTTPException as error:
        large = error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return (
            _say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_is_too_large")
            if large
            else _say(HTTPStatus.BAD_REQUEST, "body_cannot_be_read")
        )
    headers = request.headers
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    signature = headers.get("webhook-signature", "")
    if not (is_message_id(message_id) and timestamp and signature):
        return _say(HTTPStatus.BAD_REQUEST, "webhook_headers_are_missing")
    settings: Settings = current_app.extensions["settings"]
    source = queries.source_by_key(key)
    made = source.secrets if source is not None else ()
    secrets = signing.valid(settings.secret_key, made, now)
    signed = is_signed(secrets, message_id, timestamp, body, signature)
    if source is None or not signed:
        return _say(HTTPStatus.UNAUTHORIZED, "signature_is_not_valid")
    if not is_in_time(timestamp, now):
        return _say(HTTPStatus.UNAUTHORIZED, "timestamp_is_too_far_off")
    try:
        told = read_event(body, clock.today())
        with transaction(cause="trials.intake"), force_locale("sv"):
            taken = operations.take_message(source, message_id, body, told, now=now)
    except Refused as refused:
        return _say(HTTPStatus.UNPROCESSABLE_ENTITY, refused.fault.value)
    except SaidOtherwise:
        return _say(HTTPStatus.CONFLICT, "id_was_used_for_another_message")
    except DBAPIError as error:  # such as another message about the same trial at the same moment
        log.warning("a message was left for later: %s", type(error).__name__)
        return _say(HTTPStatus.SERVICE_UNAVAILABLE, "try_again")
    if taken is Taken.UNKNOWN:
        return _say(HTTPStatus.UNPROCESSABLE_ENTITY, taken.value)
    return _say(HTTPStatus.OK, taken.value if taken is not None else "taken_before")
