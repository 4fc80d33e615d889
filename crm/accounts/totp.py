"""The second factor: six digits that change every half minute, and codes for when they are lost."""

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp

STEP = 30  # seconds (RFC 6238)
DRIFT = 1  # steps before and after that are accepted, for a clock that is a little wrong
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another when read aloud


def new_secret() -> str:
    """160 random bits in base 32."""
    return str(pyotp.random_base32())


def matching_step(secret: str, code: str, last_step: int | None, now: datetime) -> int | None:
    """The step the code belongs to, if it is right now and has not been used; else None."""
    code = "".join(code.split())
    if not (code.isascii() and code.isdigit()):
        return None
    maker = pyotp.TOTP(secret, interval=STEP)
    current = int(now.timestamp()) // STEP
    found = None
    for step in range(current - DRIFT, current + DRIFT + 1):
        right = hmac.compare_digest(str(maker.generate_otp(step)), code)
        if right and (last_step is None or step > last_step):
            found = step
    return found


def address(secret: str, email: str) -> str:
    """The otpauth address that an authenticator app reads."""
    return str(
        pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=email, issuer_name="Förankra")
    )


def qr(text: str, title: str) -> str:
    """A QR code as SVG to put into the page: dark on white in both themes, no style attribute."""
    import segno  # used when somebody sets up a second factor, and never else

    return str(
        segno.make(text, error="m", micro=False).svg_inline(
            scale=5, dark="#000", light="#fff", title=title, svgclass="qr", lineclass=None
        )
    )


def grouped(secret: str) -> str:
    """The secret in groups of four, for typing by hand."""
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


def new_recovery_codes() -> list[str]:
    """Ten codes such as "k3fq-9wzt-m2ha-7xcd": 79 random bits each, so a plain hash will do."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(user_id: int, code: str) -> str:
    """How a recovery code is stored. Spaces, hyphens and case do not count."""
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return hashlib.sha256(f"{user_id}:{plain}".encode()).hexdigest()
