"""What is read about users, sessions, attempts and invitations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

import sqlalchemy as sa

from crm.accounts.models import Invitation, LoginAttempt, LoginSession, RecoveryCode, User
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page
from crm.rules.access import Role

IDLE = timedelta(days=30)  # a session that has done nothing for so long is over

PER_ACCOUNT, ACCOUNT_WINDOW = 5, timedelta(minutes=15)
PER_ACCOUNT_AND_DAY, DAY = 30, timedelta(days=1)
PER_ADDRESS, ADDRESS_WINDOW = 40, timedelta(minutes=15)  # an office shares one address


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One signed-in browser. Instants in UTC."""

    id: int
    created_at: datetime
    last_seen_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user in the administrator's list. `last_seen_at` is None if never signed in."""

    id: int
    name: str
    email: str
    role: Role
    active: bool
    has_password: bool
    has_second_factor: bool
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A user to pick in a form."""

    id: int
    name: str


_SIGNED_IN = (  # put together once: every request asks it
    sa.select(User, LoginSession.id, LoginSession.last_seen_at)
    .join(LoginSession, LoginSession.user_id == User.id)
    .where(
        User.id == sa.bindparam("user_id"),
        User.active.is_(True),
        User.epoch == sa.bindparam("epoch"),
        LoginSession.key == sa.bindparam("key"),
        LoginSession.epoch == User.epoch,
        LoginSession.ended_at.is_(None),
        LoginSession.last_seen_at > sa.bindparam("since"),
    )
)


def signed_in(user_id: int, epoch: int, key: str, now: datetime) -> User | None:
    """The user behind a cookie, if user and session are still good. One statement."""
    asked = {"user_id": user_id, "epoch": epoch, "key": key, "since": now - IDLE}
    row = db.session.execute(_SIGNED_IN, asked).one_or_none()
    if row is None:
        return None
    user: User = row[0]
    user.session_key, user.session_id, user.session_seen_at = key, row[1], row[2]
    return user


def get(user_id: int) -> User:
    """The user. Raises NotFound."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound(f"user {user_id}")
    return user


def find(user_id: int) -> User | None:
    """The user, or None."""
    return db.session.get(User, user_id)


def by_email(email: str) -> User | None:
    """The user with this address, in any case."""
    return db.session.scalar(sa.select(User).where(User.email == normal_email(email)))


def normal_email(email: str) -> str:
    """As stored: trimmed, in lower case."""
    return email.strip().lower()


def demo_users() -> list[User]:
    """The first active user of each role that the demonstration lets in with one click."""
    roles = (Role.REP, Role.ACCOUNT_MANAGER, Role.FOUNDER, Role.ADMIN)
    found: dict[Role, User] = {}
    for user in db.session.scalars(
        sa.select(User).where(User.role.in_(roles), User.active.is_(True)).order_by(User.id)
    ):
        found.setdefault(user.role, user)
    return [found[role] for role in roles if role in found]


def colleagues() -> list[User]:
    """Active users by name: who may own a case, or be given an inquiry."""
    return list(
        db.session.scalars(sa.select(User).where(User.active.is_(True)).order_by(User.name))
    )


def choices(*, include: int | None = None) -> list[Choice]:
    """Active users by name, for a choice of owner; `include` is kept though inactive."""
    rows = db.session.execute(
        sa.select(User.id, User.name)
        .where(sa.or_(User.active.is_(True), User.id == include))
        .order_by(User.name)
    )
    return [Choice(*row) for row in rows]


def sessions_of(user: User, now: datetime) -> list[SessionRow]:
    """Where the user is signed in, the one used last first."""
    rows = db.session.execute(
        sa.select(
            LoginSession.id,
            LoginSession.created_at,
            LoginSession.last_seen_at,
            LoginSession.address,
            LoginSession.agent,
        )
        .where(
            LoginSession.user_id == user.id,
            LoginSession.epoch == user.epoch,
            LoginSession.ended_at.is_(None),
            LoginSession.last_seen_at > now - IDLE,
        )
        .order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
    )
    return [SessionRow(*row) for row in rows]


def users(number: int = 1, per_page: int = PER_PAGE) -> Page[UserRow]:
    """All users, active ones first, then by name."""
    seen = (
        sa.select(sa.func.max(LoginSession.last_seen_at, type_=LoginSession.last_seen_at.type))
        .where(LoginSession.user_id == User.id)
        .correlate(User)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(
            User.id,
            User.name,
            User.email,
            User.role,
            User.active,
            User.password_hash.is_not(None),
            User.totp_secret.is_not(None),
            seen,
        )
        .order_by(User.active.desc(), User.name, User.id)
        .limit(per_page)
        .offset((number - 1) * per_page)
    )
    total = db.session.scalar(sa.select(sa.func.count()).select_from(User)) or 0
    return Page([UserRow(*row) for row in rows], number, total, per_page)


def waiting_invitations() -> Sequence[Invitation]:
    """Invitations that were neither accepted nor revoked, expired ones too, newest first."""
    return db.session.scalars(
        sa.select(Invitation)
        .where(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
        .order_by(Invitation.created_at.desc(), Invitation.id.desc())
        .limit(200)
    ).all()


def invitation(invitation_id: int) -> Invitation:
    """The invitation. Raises NotFound."""
    found = db.session.get(Invitation, invitation_id)
    if found is None:
        raise NotFound(f"invitation {invitation_id}")
    return found


def invitation_by_link(invitation_id: int, nonce: str) -> Invitation | None:
    """The invitation that a link names, locked against being accepted twice at once."""
    return db.session.scalar(
        sa.select(Invitation)
        .where(Invitation.id == invitation_id, Invitation.nonce == nonce)
        .with_for_update()
    )


def active_admin_ids() -> Sequence[int]:
    """Ids of all active administrators, locked, so that two cannot remove each other at once."""
    return db.session.scalars(
        sa.select(User.id)
        .where(User.role == Role.ADMIN, User.active.is_(True))
        .order_by(User.id)
        .with_for_update()
    ).all()


def recovery_codes_left(user: User) -> int:
    """How many single-use codes the user still has."""
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(RecoveryCode)
            .where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
        )
        or 0
    )


def blocked_until(email: str, address: str, now: datetime) -> datetime | None:
    """When the next attempt is allowed; None when it is now.

    Counts failures by the address that was typed, whether or not it is a user's, so the answer says
    nothing about who exists. A success wipes the account's slate, never the network address's.
    """
    email, address = normal_email(email), network(address)
    last_success = (
        sa.select(sa.func.max(LoginAttempt.id))
        .where(LoginAttempt.email == email, LoginAttempt.succeeded.is_(True))
        .scalar_subquery()
    )
    of_account = db.session.scalars(
        sa.select(LoginAttempt.at)
        .where(
            LoginAttempt.email == email,
            LoginAttempt.succeeded.is_(False),
            LoginAttempt.at > now - DAY,
            LoginAttempt.id > sa.func.coalesce(last_success, 0),
        )
        .order_by(LoginAttempt.at.desc())
        .limit(PER_ACCOUNT_AND_DAY)
    ).all()
    of_address = db.session.scalars(
        sa.select(LoginAttempt.at)
        .where(
            LoginAttempt.address == address,
            LoginAttempt.succeeded.is_(False),
            LoginAttempt.at > now - ADDRESS_WINDOW,
        )
        .order_by(LoginAttempt.at.desc())
        .limit(PER_ADDRESS)
    ).all()
    ends = [
        attempts[limit - 1] + window
        for attempts, limit, window in (
            (of_account, PER_ACCOUNT, ACCOUNT_WINDOW),
            (of_account, PER_ACCOUNT_AND_DAY, DAY),
            (of_address, PER_ADDRESS, ADDRESS_WINDOW),
        )
        if len(attempts) >= limit
    ]
    end = max(ends, default=now)
    return end if end > now else None


def network(address: str) -> str:
    """What counts as one sender: an IPv4 address, or the first half (/64) of an IPv6 address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if found.version == 6 and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.version == 4:
        return str(found)
    return str(ip_network(f"{found}/64", strict=False))
