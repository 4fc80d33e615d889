"""Links that carry their own secret: an invitation, and a new password.

Signed with the installation's key, one salt for each purpose, so that neither can be made up from a
copy of the database. Each holds something that changes when it is used, so it opens once.
"""

from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

from crm.accounts.models import Invitation, User
from crm.core.config import Settings

PASSWORD_LINK = timedelta(hours=24)


def invitation(settings: Settings, thing: Invitation) -> str:
    """The address that accepts the invitation. Only as long as the nonce stays the same."""
    token = _signer(settings.secret_key, "invitation").dumps([thing.id, thing.nonce])
    return f"{settings.base_url}/invitation/{_text(token)}"


def read_invitation(secret_key: str, token: str) -> tuple[int, str] | None:
    """Id and nonce, if the signature is ours."""
    match _read(secret_key, "invitation", token):
        case [int(invitation_id), str(nonce)]:
            return invitation_id, nonce
    return None


def password(settings: Settings, user: User, now: datetime) -> str:
    """The address where the user sets a new password. Dies with the epoch, or in a day."""
    expires = int((now + PASSWORD_LINK).timestamp())
    token = _signer(settings.secret_key, "password").dumps([user.id, user.epoch, expires])
    return f"{settings.base_url}/password/{_text(token)}"


def read_password(secret_key: str, token: str, now: datetime) -> tuple[int, int] | None:
    """User id and epoch, if the signature is ours and the day has not passed."""
    match _read(secret_key, "password", token):
        case [int(user_id), int(epoch), int(expires)] if expires > now.timestamp():
            return user_id, epoch
    return None


def _signer(secret_key: str, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt=f"forankra.accounts.{purpose}")


def _read(secret_key: str, purpose: str, token: str) -> Any:
    try:
        return _signer(secret_key, purpose).loads(token)
    except BadSignature:
        return None


def _text(token: str | bytes) -> str:
    return token if isinstance(token, str) else token.decode()
