"""Pages of accounts: signing in and out, one's own profile, and the colleagues."""

from datetime import datetime, timedelta
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import refresh
from flask_login import current_user, login_user, logout_user
from markupsafe import Markup

from crm.accounts import (
    absence_pages,
    letters,
    links,
    operations,
    passwords,
    queries,
    totp,
    vendor_pages,
)
from crm.accounts.forms import (
    AcceptForm,
    ChangePasswordForm,
    CodeForm,
    InviteForm,
    PasswordByLinkForm,
    PasswordCheckForm,
    ProfileForm,
    SecondFactorForm,
    SignInForm,
    UserForm,
)
from crm.accounts.models import Invitation, User
from crm.accounts.texts import ROLE_HINTS, ROLES, browser
from crm.core import clock
from crm.core.config import Settings
from crm.core.db import db, only_reads, transaction
from crm.core.errors import NotFound
from crm.rules.access import Permission, Role
from crm.web.access import public, requires
from crm.web.asked import own_address, page_number
from crm.web.filters import instant
from crm.web.forms import page, user

bp = Blueprint("accounts", __name__)
bp.route("/profile/absence", methods=["GET", "POST"], endpoint="absence")(absence_pages.own)
bp.route("/users/<id:user_id>/absence", methods=["GET", "POST"], endpoint="absence_of")(
    absence_pages.of_colleague
)
bp.route("/our-company", methods=["GET", "POST"], endpoint="vendor")(vendor_pages.edit)
bp.post("/absences/<id:absence_id>/end", endpoint="end_absence")(absence_pages.end)

CODE_WITHIN = timedelta(minutes=10)  # between the password and the second factor
LANGUAGE_COOKIE = timedelta(days=365)


def load_user(cookie_id: str) -> User | None:
    """The user behind "<user id>.<epoch>.<session key>". One statement; None signs out."""
    user_id, _dot, rest = cookie_id.partition(".")
    epoch, _dot, key = rest.partition(".")
    numbers = (user_id, epoch)
    if not key or not all(n.isascii() and n.isdigit() and len(n) < 10 for n in numbers):
        return None
    return queries.signed_in(int(user_id), int(epoch), key, clock.now())


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _address() -> str:
    return request.remote_addr or ""


def _see_other(url: str) -> Response:
    return redirect(url, 303)  # type: ignore[return-value]  # werkzeug's own class of answer


@bp.after_app_request
def _note_use(response: Response) -> Response:
    """Move "last active" on writing requests only, so that reading never writes."""
    if only_reads() or not current_user.is_authenticated:
        return response
    now = clock.now()
    if now - current_user.session_seen_at >= operations.SEEN_EVERY:
        me = user()
        db.session.rollback()  # what the view left uncommitted is not ours to commit
        with transaction():
            operations.seen(me, now=now)
    return response


# --- Signing in ----------------------------------------------------------------------------------


@bp.get("/sign-in")
@public
def sign_in() -> Response:
    """The door. Who is in already is led on."""
    if current_user.is_authenticated:
        return _see_other(own_address(request.args.get("next")))
    return _sign_in_page(SignInForm())


@bp.post("/sign-in")
@public
def sign_in_post() -> Response:
    """E-mail and password. The same answer, in the same time, whether or not the user exists."""
    form = SignInForm()
    if not form.submitted():
        return _sign_in_page(form)
    now = clock.now()
    with transaction():
        attempt = operations.begin_attempt(form.email.data, _address(), now=now)
    if isinstance(attempt, datetime):
        return _too_many(form, attempt, now)
    # Outside any transaction: hashing takes long, and SQLite has one writer at a time.
    if not passwords.matches(attempt.password_hash, form.password.data) or not attempt.user_id:
        form.refuse(_("The e-mail address or the password is not right."))
        return _sign_in_page(form)
    with transaction():
        who = queries.get(attempt.user_id)
        if who.password_hash != attempt.password_hash or not who.active:
            form.refuse(_("The e-mail address or the password is not right."))
            return _sign_in_page(form)
        if passwords.is_outdated(attempt.password_hash or ""):
            operations.renew_hash(who, form.password.data)
        if not who.has_second_factor:
            _begin_session(who, attempt.id, now)
            return _see_other(own_address(request.args.get("next")))
        operations.forget_attempt(attempt.id)
        chosen = session.get("language")
        session.clear()
        if chosen is not None:
            session["language"] = chosen
        session["half_in"] = [who.id, who.epoch, int(now.timestamp())]
    return _see_other(url_for("accounts.code", next=request.args.get("next")))


def _sign_in_page(form: SignInForm) -> Response:
    passwords.warm_up()
    return page(
        "accounts/sign_in.html",
        form,
        next=request.args.get("next"),
        demo_users=queries.demo_users() if _settings().demo else [],
        roles=ROLES,
    )


def _too_many(form: SignInForm | CodeForm, end: datetime, now: datetime) -> Response:
    form.refuse(
        _(
            "There have been too many attempts. Try again after %(time)s, or ask an administrator "
            "for a link to set a new password.",
            time=instant(end + timedelta(minutes=1)),
        )
    )
    response = _sign_in_page(form) if isinstance(form, SignInForm) else _code_page(form)
    response.status_code = 429
    response.headers["Retry-After"] = str(int((end - now).total_seconds()) + 1)
    return response


def _begin_session(who: User, attempt_id: int | None, now: datetime) -> None:
    """Inside a transaction. Nothing of the earlier cookie lives on, so it cannot have been planted.

    A session that the browser already had is ended, not left lying open. A language chosen at the
    door is the user's from here on.
    """
    if current_user.is_authenticated:
        operations.end_session(user(), current_user.session_id, now=now)
    agent = request.headers.get("User-Agent", "")
    operations.sign_in(who, attempt_id=attempt_id, address=_address(), agent=agent, now=now)
    if session.get("language") in operations.LANGUAGES:
        operations.set_language(who, session["language"])
    session.clear()
    session.permanent = True
    login_user(who)


def _half_in(now: datetime) -> User | None:
    """Who has given the password, and not yet the second factor."""
    match session.get("half_in"):
        case [int(user_id), int(epoch), int(at)] if now.timestamp() - at < (
            CODE_WITHIN.total_seconds()
        ):
            who = queries.get(user_id)
            if who.active and who.epoch == epoch and who.has_second_factor:
                return who
    return None


def _code_page(form: CodeForm) -> Response:
    return page("accounts/code.html", form, next=request.args.get("next"))


@bp.get("/sign-in/code")
@public
def code() -> Response:
    """The second step of signing in."""
    if _half_in(clock.now()) is None:
        return _see_other(url_for("accounts.sign_in", next=request.args.get("next")))
    return _code_page(CodeForm())


@bp.post("/sign-in/code")
@public
def code_post() -> Response:
    """A code of the app, or a recovery code."""
    form, now = CodeForm(), clock.now()
    who = _half_in(now)
    if who is None:
        flash(_("That took a little long. Sign in again."), "warning")
        return _see_other(url_for("accounts.sign_in", next=request.args.get("next")))
    if not form.submitted():
        return _code_page(form)
    with transaction():
        attempt = operations.begin_code_attempt(who, _address(), now=now)
    if isinstance(attempt, datetime):
        return _too_many(form, attempt, now)
    with transaction():
        if operations.check_second_factor(who, form.code.data, now=now):
            _begin_session(who, attempt, now)
            return _see_other(own_address(request.args.get("next")))
    form.code.data = ""
    form.refuse(_("The code is not right, or has been used. Wait for the next one."))
    return _code_page(form)


@bp.post("/sign-in/demo")
@public
def demo_sign_in() -> Response:
    """The demonstration's one click. Does not exist in a real installation."""
    if not _settings().demo:
        abort(404)
    chosen = request.form.get("role", "")
    who = next((u for u in queries.demo_users() if u.role.value == chosen), None)
    if who is None:
        raise NotFound(f"demo user {chosen[:20]!r}")
    with transaction():
        _begin_session(who, None, clock.now())
    return _see_other(own_address(request.args.get("next")))


@bp.post("/sign-out")
@public
def sign_out() -> Response:
    """End this browser's session, in the database too. Asked twice, it is as good as once."""
    if current_user.is_authenticated:
        with transaction():
            operations.end_session(user(), current_user.session_id, now=clock.now())
        logout_user()
    session.clear()
    flash(_("You are signed out."))
    return _see_other(url_for("accounts.sign_in"))


# --- Links that carry their own secret -----------------------------------------------------------


def _closed() -> Response:
    return page("accounts/closed.html", status=410)


@bp.route("/invitation/<string:token>", methods=["GET", "POST"])
@public
def accept(token: str) -> Response:
    """The invited one sets name and password, and is in."""
    now, read = clock.now(), links.read_invitation(_settings().secret_key, token)
    invitation = queries.invitation_by_link(*read) if read else None
    if invitation is None or not invitation.is_open(now):
        return _closed()
    form = AcceptForm(obj=invitation if request.method == "GET" else None)
    if invitation.email:
        del form.email
        form.email_of_user = invitation.email
    else:
        form.email_of_user = form.email.data or ""

    def become() -> None:
        who = operations.accept_invitation(
            invitation,
            name=form.name.data,
            password=form.password.data,
            email="" if invitation.email else form.email.data,
            now=now,
        )
        _begin_session(who, None, now)

    if form.carried_out(become):
        flash(_("Welcome! You are signed in."))
        return _see_other("/")
    return page(
        "accounts/accept.html",
        form,
        token=token,
        email=invitation.email,
        role=ROLES[invitation.role],
        min_length=passwords.MIN_LENGTH,
    )


@bp.route("/password/<string:token>", methods=["GET", "POST"])
@public
def password_by_link(token: str) -> Response:
    """Set a new password. Does not sign in: the second factor, if any, is still asked for."""
    now = clock.now()
    read = links.read_password(_settings().secret_key, token, now)
    who = queries.find(read[0]) if read else None
    if read is None or who is None or not who.active or who.epoch != read[1]:
        return _closed()
    form = PasswordByLinkForm()
    form.email_of_user = who.email
    epoch = read[1]
    if form.carried_out(
        lambda: operations.set_password_by_link(who, epoch, form.password.data, now=now)
    ):
        flash(_("Your new password is set. Sign in with it."))
        return _see_other(url_for("accounts.sign_in"))
    return page(
        "accounts/password_by_link.html",
        form,
        token=token,
        email=who.email,
        min_length=passwords.MIN_LENGTH,
    )


# --- Language and appearance ---------------------------------------------------------------------


@bp.post("/language")
@public
def language() -> Response:
    """Swedish or English: stored for who is signed in, or else once she is; and in a cookie."""
    chosen = request.form.get("language", "")
    if chosen not in operations.LANGUAGES:
        abort(400)
    if current_user.is_authenticated:
        with transaction(by=user()):
            operations.set_language(user(), chosen)
    else:
        session["language"] = chosen  # of this visit; the cookie may be of whoever was here before
    response = _see_other(own_address(request.form.get("next")))
    response.set_cookie(
        "language",
        chosen,
        max_age=LANGUAGE_COOKIE,
        secure=_settings().secure,
        httponly=True,
        samesite="Lax",
    )
    return response


@bp.post("/theme")
@requires(Permission.OWN)
def theme() -> Response:
    """Light, dark or as the computer; stored."""
    chosen = request.form.get("theme", "")
    if chosen not in operations.THEMES:
        abort(400)
    with transaction(by=user()):
        operations.set_theme(user(), chosen)
    return _see_other(own_address(request.form.get("next")))


# --- Oneself -------------------------------------------------------------------------------------


@bp.route("/profile", methods=["GET", "POST"])
@requires(Permission.OWN)
def profile() -> Response:
    """Name, language, appearance, keys and the morning letter."""
    me = user()
    form = ProfileForm(obj=me)

    def save() -> None:
        form.check_version(me)
        operations.edit_profile(
            me,
            name=form.name.data,
            language=form.language.data,
            theme=form.theme.data,
            shortcuts=form.shortcuts.data,
            digest=form.digest.data,
            digest_hour=form.digest_hour.data,
            digest_weekday=form.digest_weekday.data,
            today=clock.today(),
        )

    if form.carried_out(save):
        refresh()  # the language may be another from here on
        flash(_("Saved."))
        return _see_other(url_for("accounts.profile"))
    return page("accounts/profile.html", form, role=ROLES[me.role], role_hint=ROLE_HINTS[me.role])


@bp.route("/profile/password", methods=["GET", "POST"])
@requires(Permission.OWN)
def change_password() -> Response:
    """A new password signs every other browser out."""
    me, now = user(), clock.now()
    if me.password_hash is None:  # one of the demonstration's people
        return page("accounts/password.html", None, min_length=passwords.MIN_LENGTH)
    form = ChangePasswordForm()
    form.email_of_user = me.email

    def change() -> None:
        operations.change_password(me, form.old.data, form.password.data, now=now)
        _begin_session(me, None, now)

    if _guarded(form, me, now, change):
        flash(_("Your new password is set. All your other browsers are signed out."))
        return _see_other(url_for("accounts.profile"))
    return page("accounts/password.html", form, min_length=passwords.MIN_LENGTH)


def _guarded(form: Any, me: User, now: datetime, change: Any) -> bool:
    """Carry out what asks for the present password, with the same limit as signing in."""
    if not form.submitted():
        return False
    with transaction():
        attempt = operations.begin_code_attempt(me, _address(), now=now)
    if isinstance(attempt, datetime):
        form.refuse(
            _("There have been too many attempts. Try again after %(time)s.", time=instant(attempt))
        )
        return False

    def judged() -> None:
        change()
        operations.forget_attempt(attempt)

    return bool(form.carried_out(judged))


@bp.route("/profile/second-factor", methods=["GET", "POST"])
@requires(Permission.OWN)
def second_factor() -> Response:
    """Turn the second factor on, or see that it is on."""
    me, now = user(), clock.now()
    if me.has_second_factor:
        return _second_factor_page(PasswordCheckForm(formdata=None))
    secret = session.get("new_secret")
    if not isinstance(secret, str):
        secret = session["new_secret"] = totp.new_secret()
    form, codes = SecondFactorForm(), list[str]()

    def enable() -> None:
        codes.extend(
            operations.enable_second_factor(me, secret, form.code.data, form.password.data, now=now)
        )

    if _guarded(form, me, now, enable):
        session.pop("new_secret", None)
        return page("accounts/recovery_codes.html", codes=codes)
    return page(
        "accounts/second_factor_on.html",
        form,
        has_password=me.password_hash is not None,
        secret=totp.grouped(secret),
        # segno writes numbers and our own title only
        qr=Markup(totp.qr(totp.address(secret, me.email), _("QR code"))),  # noqa: S704
    )


def _second_factor_page(form: PasswordCheckForm) -> Response:
    left = queries.recovery_codes_left(user())
    return page("accounts/second_factor.html", form, codes_left=left)


@bp.post("/profile/second-factor/off")
@requires(Permission.OWN)
def second_factor_off() -> Response:
    """Turn the second factor off."""
    me, form = user(), PasswordCheckForm()
    if _guarded(
        form,
        me,
        clock.now(),
        lambda: operations.disable_second_factor(me, form.password.data),
    ):
        flash(_("The second factor is off."))
        return _see_other(url_for("accounts.profile"))
    return _second_factor_page(form)


@bp.post("/profile/recovery-codes")
@requires(Permission.OWN)
def recovery_codes() -> Response:
    """Ten new codes in place of the old ones, shown once."""
    me, form, codes = user(), PasswordCheckForm(), list[str]()
    if _guarded(
        form,
        me,
        clock.now(),
        lambda: codes.extend(operations.new_recovery_codes(me, form.password.data)),
    ):
        return page("accounts/recovery_codes.html", codes=codes)
    return _second_factor_page(form)


@bp.get("/profile/sessions")
@requires(Permission.OWN)
def sessions() -> Response:
    """Where one is signed in."""
    return page(
        "accounts/sessions.html",
        sessions=queries.sessions_of(user(), clock.now()),
        here=user().session_id,
        browser=browser,
    )


@bp.post("/profile/sessions/<id:session_id>/end")
@requires(Permission.OWN)
def end_session(session_id: int) -> Response:
    """Sign one browser out: one's own, whatever number is sent."""
    me = user()
    here = session_id == me.session_id
    with transaction(by=me):
        operations.end_session(me, session_id, now=clock.now())
    if here:
        logout_user()
        session.clear()
    flash(_("You are signed out.") if here else _("That browser is signed out."))
    return _see_other(url_for("accounts.sign_in" if here else "accounts.sessions"))


@bp.post("/profile/sessions/end-others")
@requires(Permission.OWN)
def end_other_sessions() -> Response:
    """Sign every browser out but this one."""
    with transaction(by=user()):
        operations.end_other_sessions(user(), now=clock.now())
    flash(_("All your other browsers are signed out."))
    return _see_other(url_for("accounts.sessions"))


# --- Colleagues, by an administrator -------------------------------------------------------------


@bp.get("/users")
@requires(Permission.MANAGE_USERS)
def users() -> Response:
    """Everybody who may sign in, and who has been invited."""
    settings, now = _settings(), clock.now()
    return page(
        "accounts/users.html",
        users=queries.users(page_number(request.args)),
        invitations=[
            (waiting, waiting.is_open(now), links.invitation(settings, waiting))
            for waiting in queries.waiting_invitations()
        ],
        roles=ROLES,
        mail=bool(settings.mail.host),
    )


@bp.route("/users/invite", methods=["GET", "POST"])
@requires(Permission.MANAGE_USERS)
def invite() -> Response:
    """Invite a colleague: the link is sent by mail and shown in the list."""
    form, now = InviteForm(), clock.now()

    def change() -> str:
        invitation = operations.invite(
            email=form.email.data,
            role=form.role.data,
            name=form.name.data or "",
            language=form.language.data,
            by=user(),
            now=now,
        )
        _send(invitation, now)
        return url_for("accounts.users")

    if there := form.carried_out_once(change):
        flash(_say_sent(form.email.data))
        return _see_other(there)
    return page("accounts/invite.html", form, roles=ROLES, role_hints=ROLE_HINTS)


def _send(invitation: Invitation, now: datetime) -> None:
    if invitation.email:
        letters.invitation(
            invitation, links.invitation(_settings(), invitation), sender=user().name, now=now
        )


def _say_sent(email: str) -> str:
    if _settings().mail.host:
        return _("An invitation is on its way to %(email)s. The link is also below.", email=email)
    return _("%(email)s is invited. No mail server is set up: send the link below.", email=email)


@bp.post("/users/invitations/<id:invitation_id>/resend")
@requires(Permission.MANAGE_USERS)
def resend_invitation(invitation_id: int) -> Response:
    """A new link for seven days; the old one stops working."""
    now = clock.now()
    with transaction(by=user()):
        invitation = queries.invitation(invitation_id)
        operations.renew_invitation(invitation, now=now)
        db.session.flush()
        _send(invitation, now)
        email = invitation.email
    flash(_say_sent(email) if email else _("There is a new link below."))
    return _see_other(url_for("accounts.users"))


@bp.post("/users/invitations/<id:invitation_id>/revoke")
@requires(Permission.MANAGE_USERS)
def revoke_invitation(invitation_id: int) -> Response:
    """The link stops working."""
    with transaction(by=user()):
        operations.revoke_invitation(queries.invitation(invitation_id), now=clock.now())
    flash(_("The invitation is withdrawn."))
    return _see_other(url_for("accounts.users"))


@bp.route("/users/<id:user_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_USERS)
def edit_user(user_id: int) -> Response:
    """Name, address, role, active or not."""
    who = queries.get(user_id)
    form, was_active = UserForm(obj=who), who.active

    def save() -> None:
        form.check_version(who)
        operations.change_user(
            who,
            name=form.name.data,
            email=form.email.data,
            role=Role(form.role.data),
            active=form.active.data,
            by=user(),
            now=clock.now(),
        )

    if form.carried_out(save):
        flash(_("Saved."))
        if was_active and not who.active:  # what she had open is to go to somebody
            return _see_other(f"{url_for('handover.index')}?from={who.id}")
        return _see_other(url_for("accounts.users"))
    return _user_page(who, form)


def _user_page(who: User, form: UserForm, link: str = "") -> Response:
    return page(
        "accounts/user.html",
        form,
        who=who,
        me=who.id == user().id,
        role_hints=ROLE_HINTS,
        roles=ROLES,
        link=link,
        mail=bool(_settings().mail.host),
    )


@bp.post("/users/<id:user_id>/password-link")
@requires(Permission.MANAGE_USERS)
def new_password_link(user_id: int) -> Response:
    """Send a colleague a one-time link for a new password, and show it."""
    now = clock.now()
    with transaction(by=user()):
        who = queries.get(user_id)
        link = operations.password_link(who, _settings(), now=now)
        letters.new_password(who, link, sender=user().name, now=now)
    # No redirect: the link is shown once, and must not pass through a cookie.
    return _user_page(who, UserForm(formdata=None, obj=who), link)


@bp.post("/users/<id:user_id>/second-factor/off")
@requires(Permission.MANAGE_USERS)
def remove_second_factor(user_id: int) -> Response:
    """For a colleague who has lost phone and recovery codes."""
    with transaction(by=user()):
        who = queries.get(user_id)
        operations.remove_second_factor(who, by=user(), now=clock.now())
        name = who.name
    flash(_("The second factor of %(name)s is off.", name=name))
    return _see_other(url_for("accounts.edit_user", user_id=user_id))
