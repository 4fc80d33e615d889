"""What is taken as a password, and what is not."""

import pytest
from flask import Flask

from crm.accounts import passwords


@pytest.mark.one_database
@pytest.mark.parametrize(
    "password",
    [
        "tre kloka kor dansar",
        "kort mening",
        "åäö!åäö?1åäö",
        "correct horse battery",
        "elva tecken!",
    ],
)
def test_length_is_what_counts(app: Flask, password: str) -> None:
    fine = len(password) >= passwords.MIN_LENGTH
    assert (passwords.problem(password, "sara@example.se") is None) is fine


@pytest.mark.one_database
@pytest.mark.parametrize(
    "password",
    [
        "",
        "x",
        "elva tecken",
        "x" * 201,
        "Sara.Lind@Example.se",
        "SARA.LINDSTROM",
        "Password1234",
        "Lösenord1234",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "123456789012",
        "987654321098",
        "qwertyuiopåa",
    ],
)
def test_what_others_try_first_is_refused(app: Flask, password: str) -> None:
    email = "sara.lindstrom@example.se" if "LINDSTROM" in password else "sara.lind@example.se"
    assert passwords.problem(password, email)


def test_a_hash_is_argon2id_and_salted() -> None:
    first, second = passwords.hashed("tre kloka kor"), passwords.hashed("tre kloka kor")
    assert first.startswith("$argon2id$")
    assert first != second
    assert passwords.matches(first, "tre kloka kor")
    assert not passwords.matches(first, "tre kloka kos")
    assert not passwords.matches("not a hash", "tre kloka kor")
    assert not passwords.is_outdated(first)


def test_the_list_holds_only_what_is_long_enough() -> None:
    assert all(len(word) >= 10 for word in passwords._common())
