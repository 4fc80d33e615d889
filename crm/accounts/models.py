"""Users and everything about signing in."""

import secrets
from datetime import UTC, date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.audit.models import Audited
from crm.core.db import Base, choice, unique_where
from crm.rules.access import Permission, Role, allows
from crm.rules.letters import LetterPace

NEVER = datetime.min.replace(tzinfo=UTC)


class User(Audited, Base):
    """A colleague. Never deleted, only made inactive, so that history keeps its names."""

    __tablename__ = "user"
    __audit_skip__ = frozenset(
        {"password_hash", "totp_secret", "totp_last_step", "feed_nonce", "week_told_on"}
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)  # lower case
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    epoch: Mapped[int] = mapped_column(default=1)  # raised to end every session at once
    totp_secret: Mapped[str | None] = mapped_column(sa.String(64))
    totp_last_step: Mapped[int | None]
    feed_nonce: Mapped[str] = mapped_column(
        sa.String(40), default=lambda: secrets.token_urlsafe(16)
    )
    language: Mapped[str] = mapped_column(sa.String(2), default="sv")
    theme: Mapped[str] = mapped_column(sa.String(5), default="auto")  # auto, light, dark
    shortcuts: Mapped[bool] = mapped_column(default=True)  # single-letter keys (WCAG 2.1.4)
    first_steps: Mapped[bool] = mapped_column(default=True)  # on Today, until done or hidden
    digest: Mapped[LetterPace] = mapped_column(
        choice(LetterPace, "digest"), default=LetterPace.DAILY
    )
    digest_hour: Mapped[int] = mapped_column(default=7)  # Swedish wall-clock hour, 0–23
    digest_weekday: Mapped[int] = mapped_column(default=0)  # of a weekly one: 0 Monday … 4 Friday
    week_told_on: Mapped[date | None]  # the last day whose week has been seen to, mail or not
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.CheckConstraint("digest_hour BETWEEN 0 AND 23", name="digest_hour"),
        sa.CheckConstraint("digest_weekday BETWEEN 0 AND 4", name="digest_weekday"),
        sa.CheckConstraint("language IN ('sv', 'en')", name="language"),
    )

    # What Flask-Login asks for.
    is_authenticated = True
    is_anonymous = False

    session_key = ""  # of the LoginSession this user was loaded through; not stored here
    session_id = 0
    session_seen_at = NEVER

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        """What the cookie holds: whom, under which epoch, through which session."""
        return f"{self.id}.{self.epoch}.{self.session_key}"

    @property
    def has_second_factor(self) -> bool:
        return self.totp_secret is not None

    def may(self, permission: Permission) -> bool:
        """Does this user's role carry the permission?"""
        return self.active and allows(self.role, permission)


class LoginSession(Base):
    """One browser that is signed in. The cookie holds `key`; ending the row signs it out."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)  # random, from the cookie
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    epoch: Mapped[int]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]  # moved by writes only: a GET must not write
    address: Mapped[str] = mapped_column(sa.String(64), default="")
    agent: Mapped[str] = mapped_column(sa.String(300), default="")
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise_on_sql")


class LoginAttempt(Base):
    """One try to sign in, shared by all processes: the throttle and the lockout read it."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        sa.Index("ix_login_attempt_email_at", "email", "at"),
        sa.Index("ix_login_attempt_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254))
    address: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
    succeeded: Mapped[bool]


class RecoveryCode(Base):
    """A single-use way in when the second factor is lost. Stored hashed."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64))
    used_at: Mapped[datetime | None]


class Invitation(Audited, Base):
    """An open door for one named colleague. The link carries a signed id and this nonce."""

    __tablename__ = "invitation"
    __audit_skip__ = frozenset({"nonce"})
    __table_args__ = (  # the first administrator's has no address
        unique_where(
            "uq_invitation_waiting",
            "email",
            where="accepted_at IS NULL AND revoked_at IS NULL AND email <> ''",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    language: Mapped[str] = mapped_column(sa.String(2), default="sv")
    nonce: Mapped[str] = mapped_column(sa.String(40), default=lambda: secrets.token_urlsafe(16))
    invited_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    def is_open(self, now: datetime) -> bool:
        """Can it still be accepted?"""
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > now


class Absence(Audited, Base):
    """A colleague is away from `first` to `last`, both included; the deputy sees to what is due.

    Never deleted: one that was called off keeps its days, one that ended early gets another last.
    """

    __tablename__ = "absence"
    __table_args__ = (
        sa.CheckConstraint("first <= last", name="days"),
        sa.CheckConstraint("deputy_id <> user_id", name="somebody_else"),
        unique_where("uq_absence_first", "user_id", "first", where="called_off_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    deputy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))  # None: everybody
    first: Mapped[date]
    last: Mapped[date]
    called_off_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="raise_on_sql")
    deputy: Mapped[User | None] = relationship(foreign_keys=[deputy_id], lazy="raise_on_sql")


class StandIn(Base):
    """Who stands in for `user_id` from `first` to `last`; None: everybody. Worked out anew by
    crm.rules.deputies whenever an absence or a colleague changes, so that a list can be read with
    it in one statement and nothing has to run on the day."""

    __tablename__ = "stand_in"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True)
    first: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[date]
    stand_in_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    away_until: Mapped[date]  # the last day of the whole absence


class Vendor(Audited, Base):
    """Who we are to the buyers. At most one row; empty texts are not told."""

    __tablename__ = "vendor"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(120))
    org_number: Mapped[str] = mapped_column(sa.String(10), default="")  # ten digits
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
