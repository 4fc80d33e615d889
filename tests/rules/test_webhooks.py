"""Signatures as the published libraries make and refuse them."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.rules.webhooks import (
    is_in_time,
    is_message_id,
    is_signed,
    secret_in,
    signature,
    written,
)

# The example of the Standard Webhooks libraries' own tests.
SECRET = secret_in("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
ID, SENT = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330"
BODY = b'{"test": 2432232314}'
RIGHT = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_signature_is_that_of_the_published_example():
    assert signature(SECRET, ID, SENT, BODY) == RIGHT
    assert is_signed([SECRET], ID, SENT, BODY, RIGHT)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(f"v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= {RIGHT}", id="the second"),
        pytest.param(f"v2,something {RIGHT}", id="of another version too"),
    ],
)
def test_one_right_signature_among_several_is_enough(header):
    assert is_signed([SECRET], ID, SENT, BODY, header)


@pytest.mark.parametrize(
    ("message_id", "sent", "body", "header"),
    [
        pytest.param(ID, SENT, BODY + b" ", RIGHT, id="other words"),
        pytest.param("msg_other", SENT, BODY, RIGHT, id="other id"),
        pytest.param(ID, "1614265331", BODY, RIGHT, id="other time"),
        pytest.param(ID, SENT, BODY, RIGHT.removeprefix("v1,"), id="no version"),
        pytest.param(ID, SENT, BODY, "", id="nothing"),
        pytest.param(ID, SENT, BODY, "v1,å", id="no ASCII"),
        pytest.param(ID, SENT, BODY, "v1, " * 10 + RIGHT, id="hidden behind very many"),
    ],
)
def test_anything_else_is_refused(message_id, sent, body, header):
    assert not is_signed([SECRET], message_id, sent, body, header)


def test_each_of_two_secrets_signs():
    other = b"o" * 32
    assert is_signed([other, SECRET], ID, SENT, BODY, RIGHT)
    assert is_signed([SECRET, other], ID, SENT, BODY, signature(other, ID, SENT, BODY))
    assert not is_signed([other], ID, SENT, BODY, RIGHT)


def test_secret_is_written_and_read():
    assert secret_in(written(b"\x00\xff" * 16)) == b"\x00\xff" * 16
    for wrong in ("MfKQ9r8G", "whsec_*"):
        with pytest.raises(ValueError, match="no secret"):
            secret_in(wrong)


@pytest.mark.parametrize(
    ("off", "holds"),
    [
        pytest.param(0, True, id="now"),
        pytest.param(300, True, id="five minutes ago"),
        pytest.param(301, False, id="more"),
        pytest.param(-300, True, id="five minutes ahead"),
        pytest.param(-301, False, id="further ahead"),
    ],
)
def test_message_is_in_time_within_five_minutes(off, holds):
    now = datetime.fromtimestamp(int(SENT), UTC) + timedelta(seconds=off)
    assert is_in_time(SENT, now) is holds


@pytest.mark.parametrize("text", ["", "-5", "1e9", "1614265330.5", "9" * 12, "²"])
def test_time_that_is_no_number_of_seconds_is_out_of_time(text):
    assert not is_in_time(text, datetime.fromtimestamp(int(SENT), UTC))


def test_id_is_short_visible_and_without_the_sign_that_parts():
    assert is_message_id(ID)
    for wrong in ("", "a.b", "a b", "å", "a" * 101, "a\n"):
        assert not is_message_id(wrong)
