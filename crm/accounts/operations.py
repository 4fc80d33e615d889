"""What can be done with users, sessions, passwords, second factors and invitations."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from crm.accounts import absences, links, passwords, queries, totp
from crm.accounts.models import Invitation, LoginAttempt, LoginSession, RecoveryCode, User
from crm.core import clock
from crm.core.config import Settings
from crm.core.db import db, dialect_name, refusing_doubles
from crm.core.errors import RuleBroken
from crm.rules.access import Role
from crm.rules.letters import LetterPace

INVITATION_LASTS = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)  # how exact "last active" is
KEPT = timedelta(days=90)  # how long attempts and ended sessions are kept: they are personal data

LANGUAGES = ("sv", "en")
THEMES = ("auto", "light", "dark")


# --- Signing in ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that has been counted, with what is needed to judge it outside the transaction."""

    id: int
    user_id: int | None
    password_hash: str | None


def begin_attempt(email: str, address: str, *, now: datetime) -> Attempt | datetime:
    """Count a try before it is judged, so that many at once cannot slip past the limit.

    Returns when the next one is allowed instead, if there have been too many.
    """
    email = queries.normal_email(email)
    _one_at_a_time(email)
    if (end := queries.blocked_until(email, address, now)) is not None:
        return end
    user = queries.by_email(email)
    row = LoginAttempt(email=email[:254], address=queries.network(address), at=now, succeeded=False)
    db.session.add(row)
    db.session.flush()
    if user is None or not user.active:
        return Attempt(row.id, None, None)
    return Attempt(row.id, user.id, user.password_hash)


def begin_code_attempt(user: User, address: str, *, now: datetime) -> int | datetime:
    """As begin_attempt, for the second factor: the id of the attempt, or when to come back."""
    _one_at_a_time(user.email)
    if (end := queries.blocked_until(user.email, address, now)) is not None:
        return end
    row = LoginAttempt(email=user.email, address=queries.network(address), at=now, succeeded=False)
    db.session.add(row)
    db.session.flush()
    return row.id


def forget_attempt(attempt_id: int) -> None:
    """The password was right, the second factor is still to come: neither success nor failure."""
    db.session.execute(sa.delete(LoginAttempt).where(LoginAttempt.id == attempt_id))


def sign_in(
    user: User, *, attempt_id: int | None, address: str, agent: str, now: datetime
) -> LoginSession:
    """Start a session under a new random key. The caller has made sure it is the user."""
    if attempt_id is not None:
        db.session.execute(
            sa.update(LoginAttempt).where(LoginAttempt.id == attempt_id).values(succeeded=True)
        )
    session = LoginSession(
        key=secrets.token_urlsafe(32),
        user_id=user.id,
        epoch=user.epoch,
        created_at=now,
        last_seen_at=now,
        address=address[:64],
        agent=agent[:300],
    )
    db.session.add(session)
    db.session.flush()
    user.session_key, user.session_id, user.session_seen_at = session.key, session.id, now
    return session


def end_session(user: User, session_id: int, *, now: datetime) -> None:
    """Sign one of the user's own browsers out. Silent if it has ended already or is another's."""
    _end(LoginSession.user_id == user.id, LoginSession.id == session_id, now=now)


def end_other_sessions(user: User, *, now: datetime) -> int:
    """Sign all the user's browsers out except the one asking. Returns how many."""
    return _end(LoginSession.user_id == user.id, LoginSession.id != user.session_id, now=now)


def seen(user: User, *, now: datetime) -> None:
    """Note that the session is in use."""
    db.session.execute(
        sa.update(LoginSession).where(LoginSession.id == user.session_id).values(last_seen_at=now)
    )


def _end(*which: sa.ColumnElement[bool], now: datetime) -> int:
    result = db.session.execute(
        sa.update(LoginSession)
        .where(*which, LoginSession.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result


def _end_everywhere(user: User, now: datetime) -> None:
    """Every cookie of the user stops working at once."""
    user.epoch += 1
    _end(LoginSession.user_id == user.id, now=now)


def _one_at_a_time(email: str) -> None:
    """On SQLite the write lock does it; PostgreSQL is asked to queue attempts on one account."""
    if dialect_name() == "postgresql":
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(email))))


# --- Passwords -----------------------------------------------------------------------------------


def change_password(user: User, old: str, new: str, *, now: datetime) -> None:
    """The user's own change: asks for the old one, and ends every session."""
    if not passwords.matches(user.password_hash, old):
        raise RuleBroken(_("That is not your present password."))
    if old == new:
        raise RuleBroken(_("The new password is the same as the old one."))
    _set_password(user, new, now)


def set_password_by_link(user: User, epoch: int, new: str, *, now: datetime) -> None:
    """The one who holds the link sets a password; the link dies, and a lockout is lifted."""
    if user.epoch != epoch or not user.active:
        raise RuleBroken(_("The link has been used or is no longer valid."))
    _set_password(user, new, now)
    db.session.add(LoginAttempt(email=user.email, address="", at=now, succeeded=True))


def renew_hash(user: User, password: str) -> None:
    """Hash anew with today's costs. The password is the same, so no session ends."""
    user.password_hash = passwords.hashed(password)


def _set_password(user: User, password: str, now: datetime) -> None:
    if (why := passwords.problem(password, user.email)) is not None:
        raise RuleBroken(why)
    user.password_hash = passwords.hashed(password)
    _end_everywhere(user, now)


def password_link(user: User, settings: Settings, *, now: datetime) -> str:
    """A one-time link, good for a day, where the user sets a new password."""
    if not user.active:
        raise RuleBroken(_("%(name)s is inactive. Make the user active first.", name=user.name))
    return links.password(settings, user, now)


# --- The second factor ---------------------------------------------------------------------------


def enable_second_factor(
    user: User, secret: str, code: str, password: str, *, now: datetime
) -> list[str]:
    """Turn it on, once the app has shown a right code. Returns the recovery codes, in clear."""
    if user.has_second_factor:
        raise RuleBroken(_("The second factor is on already."))
    if not passwords.matches(user.password_hash, password):
        raise RuleBroken(_("That is not your present password."))
    step = totp.matching_step(secret, code, None, now)
    if step is None:
        raise RuleBroken(
            _("The code is not right. Check the clock of your phone, and try the next code.")
        )
    user.totp_secret, user.totp_last_step = secret, step
    return _new_recovery_codes(user)


def new_recovery_codes(user: User, password: str) -> list[str]:
    """Replace the recovery codes; the old ones stop working."""
    if not user.has_second_factor:
        raise RuleBroken(_("The second factor is off."))
    if not passwords.matches(user.password_hash, password):
        raise RuleBroken(_("That is not your present password."))
    return _new_recovery_codes(user)


def disable_second_factor(user: User, password: str) -> None:
    """Turn it off. Asks for the password, lest a borrowed browser be enough."""
    if not passwords.matches(user.password_hash, password):
        raise RuleBroken(_("That is not your present password."))
    _drop_second_factor(user)


def check_second_factor(user: User, code: str, *, now: datetime) -> bool:
    """Is it a code of the app, or an unused recovery code? Either works once."""
    if user.totp_secret is None:
        return False
    step = totp.matching_step(user.totp_secret, code, user.totp_last_step, now)
    if step is not None:
        user.totp_last_step = step
        return True
    used = db.session.execute(
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash == totp.recovery_hash(user.id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]  # a cursor result


def _new_recovery_codes(user: User) -> list[str]:
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = totp.new_recovery_codes()
    db.session.add_all(
        RecoveryCode(user_id=user.id, code_hash=totp.recovery_hash(user.id, code)) for code in codes
    )
    return codes


def _drop_second_factor(user: User) -> None:
    user.totp_secret = user.totp_last_step = None
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


# --- One's own settings --------------------------------------------------------------------------


def edit_profile(
    user: User,
    *,
    name: str,
    language: str,
    theme: str,
    shortcuts: bool,
    digest: LetterPace,
    digest_hour: int,
    digest_weekday: int,
    today: date,
) -> None:
    """What the user sets for herself. `digest_hour` is Swedish wall-clock time, 0–23, and
    `digest_weekday` 0 (Monday) to 4. A newly chosen weekly letter comes first on its day."""
    user.name = name
    if (digest, digest_weekday) != (user.digest, user.digest_weekday):
        user.week_told_on = today - timedelta(days=1)
    user.shortcuts, user.digest, user.digest_hour = shortcuts, digest, digest_hour
    user.digest_weekday = digest_weekday
    set_language(user, language)
    set_theme(user, theme)


def set_language(user: User, language: str) -> None:
    """'sv' or 'en'."""
    if language not in LANGUAGES:
        raise RuleBroken(_("Choose Swedish or English."))
    user.language = language


def show_first_steps(user: User, shown: bool) -> None:
    """Whether Today tells how to begin, while there is something left of it."""
    user.first_steps = shown


def set_theme(user: User, theme: str) -> None:
    """'auto' follows the computer."""
    if theme not in THEMES:
        raise RuleBroken(_("Choose light, dark or automatic."))
    user.theme = theme


# --- Users, by an administrator ------------------------------------------------------------------


def add_user(
    *,
    name: str,
    email: str,
    role: Role,
    now: datetime,
    password: str | None = None,
    language: str = "sv",
) -> User:
    """A user at once, without an invitation: for the demonstration, imports and tests.

    Without a password nobody can sign in as the user, except by the demonstration's buttons.
    """
    user = User(
        name=name,
        email=queries.normal_email(email),
        role=role,
        language=language,
        password_hash=passwords.hashed(password) if password is not None else None,
        created_at=now,
    )
    db.session.add(user)
    db.session.flush()
    return user


def change_user(
    user: User, *, name: str, email: str, role: Role, active: bool, by: User | None, now: datetime
) -> None:
    """Name, address, role, active or not. Nobody locks herself or the last administrator out."""
    if by is not None and by.id == user.id and (role is not user.role or not active):
        raise RuleBroken(
            _("You cannot change your own role or make yourself inactive. Ask a colleague.")
        )
    if user.active and user.role is Role.ADMIN and (role is not Role.ADMIN or not active):
        _keep_an_admin(user)
    email = queries.normal_email(email)
    if email != user.email:
        if queries.by_email(email) is not None:
            raise RuleBroken(_("Another user has that e-mail address."))
        user.email = email
    user.name = name
    stands_anew = active is not user.active or role is not user.role
    if stands_anew:
        # A raised epoch also kills links for a new password that are still on their way.
        _end_everywhere(user, now)
    user.role, user.active = role, active
    if stands_anew:
        # A deputy who has left, or deals with reminders no longer, stands in for nobody.
        db.session.flush()
        absences.work_out(today=clock.local(now).date())


def remove_second_factor(user: User, *, by: User | None, now: datetime) -> None:
    """For the colleague who has lost both phone and recovery codes."""
    if by is not None and by.id == user.id:
        raise RuleBroken(_("Turn your own second factor off on your profile."))
    _drop_second_factor(user)
    _end_everywhere(user, now)


def _keep_an_admin(user: User) -> None:
    if not any(admin_id != user.id for admin_id in queries.active_admin_ids()):
        raise RuleBroken(
            _(
                "%(name)s is the last active administrator. Make somebody else one first.",
                name=user.name,
            )
        )


# --- Invitations ---------------------------------------------------------------------------------


def invite(
    *,
    email: str,
    role: Role,
    name: str = "",
    language: str = "sv",
    by: User | None,
    now: datetime,
) -> Invitation:
    """Open a door for one colleague for seven days. The caller sends or shows the link."""
    email = queries.normal_email(email)
    if queries.by_email(email) is not None:
        raise RuleBroken(_("There is a user with that e-mail address already."))
    invitation = Invitation(
        email=email,
        name=name,
        role=role,
        language=language,
        invited_by_id=by.id if by else None,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    with refusing_doubles(
        _("That address has been invited already. Send the invitation again."),
        "uq_invitation_waiting",
    ):
        db.session.add(invitation)
    return invitation


def renew_invitation(invitation: Invitation, *, now: datetime) -> None:
    """A new link for seven days; the old link dies."""
    _still_waiting(invitation)
    invitation.nonce = secrets.token_urlsafe(16)
    invitation.expires_at = now + INVITATION_LASTS


def revoke_invitation(invitation: Invitation, *, now: datetime) -> None:
    """Close the door."""
    _still_waiting(invitation)
    invitation.revoked_at = now


def accept_invitation(
    invitation: Invitation, *, name: str, password: str, email: str = "", now: datetime
) -> User:
    """Become a user. `email` counts only when the invitation names none (the first start)."""
    if not invitation.is_open(now):
        raise RuleBroken(_("The invitation has been used, has expired or was withdrawn."))
    address = invitation.email or queries.normal_email(email)
    if queries.by_email(address) is not None:
        raise RuleBroken(_("There is a user with that e-mail address already."))
    if (why := passwords.problem(password, address)) is not None:
        raise RuleBroken(why)
    invitation.accepted_at = now
    return add_user(
        name=name,
        email=address,
        role=invitation.role,
        password=password,
        language=invitation.language,
        now=now,
    )


def first_admin_link(
    settings: Settings, *, email: str = "", language: str = "sv", now: datetime
) -> str | None:
    """The link where the first administrator sets name and password; None when there is one.

    Asked again, it gives a new link and the old one dies. There is no default password.
    """
    if queries.active_admin_ids():
        return None
    email = queries.normal_email(email)
    old: Sequence[Invitation] = [
        invitation
        for invitation in queries.waiting_invitations()
        if invitation.role is Role.ADMIN or (email and invitation.email == email)
    ]
    for invitation in old:
        revoke_invitation(invitation, now=now)
    db.session.flush()  # before the new one, or its address would be taken
    return links.invitation(
        settings,
        invite(email=email, role=Role.ADMIN, language=language, by=None, now=now),
    )


def _still_waiting(invitation: Invitation) -> None:
    if invitation.accepted_at is not None:
        raise RuleBroken(_("The invitation has been accepted already."))
    if invitation.revoked_at is not None:
        raise RuleBroken(_("The invitation has been withdrawn already."))


# --- Housekeeping --------------------------------------------------------------------------------


def tidy(*, now: datetime) -> int:
    """Delete attempts and dead sessions older than 90 days. Returns how many rows."""
    edge = now - KEPT
    dead = sa.or_(LoginSession.ended_at < edge, LoginSession.last_seen_at < edge)
    total = 0
    for statement in (
        sa.delete(LoginAttempt).where(LoginAttempt.at < edge),
        sa.delete(LoginSession).where(dead),
    ):
        result = db.session.execute(statement.execution_options(synchronize_session=False))
        total += int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result
    return total
