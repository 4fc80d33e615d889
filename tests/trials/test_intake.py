"""The address that products send to: signed, in time, once, and told what is wrong in one word."""

import json
import logging
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from crm.core import clock
from crm.interest import operations as interest
from crm.interest.models import Inquiry
from crm.trials import intake, operations, signing
from crm.trials.models import Trial, TrialSecret, TrialSource
from crm.web.throttle import Throttle
from tests.factories.organisations import make_municipality
from tests.factories.trials import make_source, message, signed
from tests.support.clients import make_client

KEY = "not a secret in a test"
ANNA = "anna.berg@hultsfred.se"


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    with time_machine.travel(clock.now(), tick=False):
        yield


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "_A_MINUTE", Throttle(30, timedelta(minutes=1)))


@pytest.fixture
def source(session: Session) -> TrialSource:
    interest.seed_sources()
    make_municipality("Hultsfred", email_domain="hultsfred.se")
    return make_source(now=clock.now())


@pytest.fixture
def secret(session: Session, source: TrialSource) -> bytes:
    made = session.scalars(sa.select(TrialSecret).where(TrialSecret.source_id == source.id)).one()
    return signing.secret(KEY, made.nonce)


def send(client: Any, source: TrialSource, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    answer = client.post(f"/trials/intake/{source.key}", data=body, headers=headers, csrf=False)
    assert answer.mimetype == "application/json"
    return answer.status_code, answer.get_json()


def said(
    client: Any,
    source: TrialSource,
    secret: bytes,
    body: bytes = message(email=ANNA),
    *,
    at: datetime | None = None,
    message_id: str = "msg_1",
) -> tuple[int, Any]:
    return send(client, source, body, signed(secret, body, at or clock.now(), message_id))


@pytest.mark.one_database
def test_signed_message_becomes_interest_to_sort(
    client: Any, session: Session, source: TrialSource, secret: bytes
) -> None:
    assert said(client, source, secret) == (200, {"status": "new"})
    inquiry = session.scalars(sa.select(Inquiry)).one()
    assert (inquiry.email, inquiry.summary) == (ANNA, "Provkonto: Läslyftet")
    used = message("trial.used", account=ANNA, days_active=2, last_used=f"{clock.today()}")
    assert said(client, source, secret, used, message_id="msg_2") == (200, {"status": "updated"})
    assert session.scalars(sa.select(Trial)).one().days_active == 2


@pytest.mark.one_database
def test_message_sent_again_is_welcome_and_does_nothing(
    client: Any, session: Session, source: TrialSource, secret: bytes
) -> None:
    said(client, source, secret)
    again = clock.now() + timedelta(minutes=1)
    assert said(client, source, secret, at=again) == (200, {"status": "taken_before"})
    other = said(client, source, secret, message(email="eva@hultsfred.se"))
    assert other == (409, {"error": "id_was_used_for_another_message"})
    assert len(session.scalars(sa.select(Trial)).all()) == 1


def test_wrong_signature_and_unknown_sender_get_the_same_answer(
    app: Flask, session: Session, source: TrialSource
) -> None:
    body = message(email=ANNA)
    # What a sender that does not exist would check with is nobody's either.
    guess, empty = (signed(one, body, clock.now()) for one in (b"guess", signing.secret(KEY, "")))
    answers = [
        make_client(app).post(f"/trials/intake/{key}", data=body, headers=headers, csrf=False)
        for key, headers in (
            (source.key, guess),
            *(("abcdef0123456789", some) for some in (guess, empty)),
            *((key, guess) for key in ("abcdef", source.key.upper(), source.key + "0", "%00", "å")),
        )
    ]
    told = {
        (one.status_code, one.get_data(), tuple(pair for pair in one.headers if pair[0] != "Date"))
        for one in answers
    }
    assert len(told) == 1
    assert answers[0].status_code == 401
    assert answers[0].get_json() == {"error": "signature_is_not_valid"}
    assert session.scalars(sa.select(Trial)).all() == []


@pytest.mark.one_database
@pytest.mark.parametrize("off", [timedelta(minutes=6), -timedelta(minutes=6)])
def test_message_out_of_time_is_refused(
    client: Any, source: TrialSource, secret: bytes, off: timedelta
) -> None:
    answer = said(client, source, secret, at=clock.now() + off)
    assert answer == (401, {"error": "timestamp_is_too_far_off"})


@pytest.mark.one_database
def test_old_secret_holds_while_it_is_replaced_and_not_after(
    client: Any, source: TrialSource, secret: bytes
) -> None:
    new = signing.secret(
        KEY, operations.rotate(source, overlap=timedelta(days=1), now=clock.now()).nonce
    )
    for number, one in enumerate((secret, new)):
        body = message(email=f"eva{number}@hultsfred.se")
        assert said(client, source, one, body, message_id=f"m{number}")[0] == 200
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=1), tick=False):
        assert said(client, source, secret, message_id="m3")[0] == 401
        assert said(client, source, new, message_id="m4")[0] == 200


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        pytest.param(b"{", 422, "body_is_not_json", id="no JSON"),
        pytest.param(message(email="anna"), 422, "email_cannot_be_read", id="no address"),
        pytest.param(
            message("trial.used", account="x", days_active=1),
            422,
            "account_is_not_known",
            id="nobody we know",
        ),
        pytest.param(b"a" * (intake.MOST_BYTES + 1), 413, "body_is_too_large", id="too large"),
    ],
)
def test_what_is_wrong_is_told_in_a_word(
    client: Any, source: TrialSource, secret: bytes, body: bytes, status: int, word: str
) -> None:
    assert said(client, source, secret, body) == (status, {"error": word})


@pytest.mark.one_database
def test_headers_that_are_missing_are_told(client: Any, source: TrialSource) -> None:
    answer = send(client, source, b"{}", {"content-type": "application/json"})
    assert answer == (400, {"error": "webhook_headers_are_missing"})


@pytest.mark.one_database
def test_one_who_sends_too_much_is_asked_to_wait(
    client: Any, source: TrialSource, secret: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_A_MINUTE", Throttle(1, timedelta(minutes=1)))
    assert said(client, source, secret)[0] == 200
    answer = client.post(f"/trials/intake/{source.key}", data=b"")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


@pytest.mark.one_database
def test_nobodys_name_is_logged(
    client: Any, source: TrialSource, secret: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        said(client, source, secret, message(email=ANNA, name="Anna Berg"))
        said(client, source, secret, message(email="a b@c", name="Anna Berg"), message_id="m2")
        said(client, source, b"guess", message(email=ANNA), message_id="m3")
    told = "\n".join(record.getMessage() for record in caplog.records)
    assert "hultsfred.se" not in told
    assert "Berg" not in told


@pytest.mark.one_database
def test_example_in_the_readme_signs_as_we_check(
    app: Flask, client: Any, source: TrialSource, secret: bytes, tmp_path: Path
) -> None:
    """The lines up to curl are run as they stand; what they would send is sent here."""
    readme = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
    lines = readme.split("<!-- webhook -->")[1].split("```sh\n")[1].split("```")[0]
    script = lines.split("curl ")[0].replace("whsec_…", signing.webhooks.written(secret))
    script += 'printf "%s\\n" "$id" "$sent" "$signature" "$body"'
    ran = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=True
    )  # our own README
    message_id, sent, signature, body = ran.stdout.splitlines()
    with time_machine.travel(int(sent), tick=False):
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": sent,
            "webhook-signature": signature,
        }
        assert send(client, source, body.encode(), headers) == (200, {"status": "new"})
    assert set(json.loads(body)) == {"type", "data"}
