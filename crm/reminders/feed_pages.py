"""The calendar feeds: one's own, the team's, an account's; and the page with their addresses.

Hung up in `views.py`. Whoever has an address reads it without signing in, so what its maker may do
is asked each time; unknown, revoked and closed get the same 404.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Response, abort, current_app, flash, redirect, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.accounts.models import User
from crm.contracts import queries as contracts
from crm.core import clock
from crm.core.config import Settings
from crm.core.db import db, transaction
from crm.core.errors import NotFound
from crm.organisations import queries as organisations
from crm.organisations.models import Organisation
from crm.reminders import feed as feeds
from crm.reminders import links, operations, queries
from crm.reminders.models import FeedKind, SharedFeed
from crm.rules.access import Permission
from crm.tenders import queries as tenders
from crm.web.access import public, requires
from crm.web.asked import number_or_none
from crm.web.forms import page, user


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a good address is for: its maker, and whether her own, the team's or an account's."""

    owner: User
    is_shared: bool = False
    organisation: Organisation | None = None
    kind: FeedKind = FeedKind.REMINDERS


@public
def feed(token: str) -> AnyResponse:
    """Reminders as a calendar: one user's, everybody's, or an account's with the buyer's dates.

    With ?names=0 it holds the days and the kinds of what there is to do, and no names.
    """
    asked = _asked(token)
    if asked is None:
        abort(404)
    with force_locale(asked.owner.language):
        body = _body(asked)
    response = Response(body, mimetype="text/calendar")
    response.set_etag(feeds.etag(body))
    response.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
    return response.make_conditional(request)


def _body(asked: _Asked) -> bytes:
    today, owner, place = clock.today(), asked.owner, asked.organisation
    if asked.kind is FeedKind.CONTRACTS:
        return _contracts(owner)
    first, last = today - feeds.BEHIND, today + feeds.AHEAD
    rows = queries.for_feed(
        None if asked.is_shared else owner.id,
        today=today,
        first=first,
        last=last,
        withdrawn_since=clock.now() - feeds.CANCELLED_FOR,
        within=place,
    )
    name = _("Förankra: reminders")
    if asked.is_shared:
        name = f"Förankra: {place.title}" if place else _("Förankra: everybody's reminders")
    return feeds.calendar(
        queries.tell(rows, today=today, language=owner.language),
        name=name,
        base_url=_settings().base_url,
        reader_id=None if asked.is_shared else owner.id,
        with_names=request.args.get("names") != "0",
        dates=queries.buyers_dates(place, first=first, last=last) if place else (),
        deadlines=tenders.exact_deadlines(
            None if asked.is_shared else owner.id,
            place,
            first=clock.now() - feeds.BEHIND,
            last=clock.now() + feeds.AHEAD,
        ),
    )


def _contracts(owner: User) -> bytes:
    """The contract calendar as the address narrows it: ?kind=, ?owner=, ?county= and ?product=."""
    first, last = contracts.span_of_calendar(clock.today())
    chosen = contracts.filter_of(request.args, owner.id)
    return feeds.calendar(
        (),
        name=_("Förankra: contracts"),
        base_url=_settings().base_url,
        with_names=request.args.get("names") != "0",
        contracts=contracts.calendar(chosen, first=first, last=last),
    )


def _asked(token: str) -> _Asked | None:
    is_shared = token.startswith("s")
    number = number_or_none(token.removeprefix("s").partition("-")[0])
    if number is None:
        return None
    key = _settings().secret_key
    if is_shared:
        found = queries.shared_feed(number)
        if found is None or not links.is_shared_token(key, token, found.id, found.nonce):
            return None
        asked = _Asked(found.user, True, found.organisation, found.kind)
    else:
        owner = db.session.get(User, number)
        if owner is None or not links.is_feed_token(key, token, owner.id, owner.feed_nonce):
            return None
        asked = _Asked(owner)
    return asked if asked.owner.may(Permission.READ) else None


@requires(Permission.OWN)
def calendar() -> Response:
    """The address of one's own feed, those one has made for the team and for accounts, and how to
    put them into a calendar. ?organisation=<id>: an account that one may want a feed of."""
    key, me = _settings().secret_key, user()
    made = queries.shared_feeds(me.id)
    number = number_or_none(request.args.get("organisation"))
    wanted = db.session.get(Organisation, number) if number is not None else None
    if wanted is not None and any(one.organisation_id == wanted.id for one in made):
        wanted = None
    return page(
        "reminders/calendar.html",
        address=_address(links.feed_token(key, me.id, me.feed_nonce)),
        shared=[(one, _address(links.shared_token(key, one.id, one.nonce))) for one in made],
        has_team=any(
            one.organisation_id is None and one.kind is FeedKind.REMINDERS for one in made
        ),
        has_contracts=any(one.kind is FeedKind.CONTRACTS for one in made),
        narrowed=_narrowed(),
        wanted=wanted,
    )


def _narrowed() -> str:
    """How the contract calendar was narrowed on the page that led here, to go with its address."""
    kept = {name: request.args[name] for name in contracts.NARROWS if request.args.get(name)}
    if kept.get("owner") == "me":
        kept["owner"] = str(user().id)
    return urlencode(kept)


def _address(token: str) -> str:
    return _settings().base_url + url_for("reminders.feed", token=token)


@requires(Permission.OWN)
def renew() -> AnyResponse:
    """A new address of one's own feed; the old one stops at once."""
    with transaction(by=user()):
        operations.renew_feed(user())
    return _back(_("The old address no longer works. Subscribe to the new one."))


@requires(Permission.OWN)
def share_team() -> AnyResponse:
    """An address with everybody's reminders."""
    return _share(None)


@requires(Permission.OWN)
def share_contracts() -> AnyResponse:
    """An address with the contract calendar; it stays narrowed as the page was."""
    narrowed = _narrowed()
    back = _share(None, FeedKind.CONTRACTS)
    back.location = url_for("reminders.calendar") + (f"?{narrowed}" if narrowed else "")
    return back


@requires(Permission.OWN)
def share_account(organisation_id: int) -> AnyResponse:
    """An address with an account's reminders and its buyer's dates."""
    return _share(organisations.get(organisation_id))


def _share(organisation: Organisation | None, kind: FeedKind = FeedKind.REMINDERS) -> AnyResponse:
    with transaction(by=user()):
        operations.share_feed(user(), organisation, kind=kind, now=clock.now())
    return _back(_("The address is made. Subscribe to it in your calendar."))


@requires(Permission.OWN)
def renew_shared(feed_id: int) -> AnyResponse:
    """A new address; the old one stops at once."""
    _change(feed_id, operations.renew_shared_feed)
    return _back(_("The old address no longer works. Subscribe to the new one."))


@requires(Permission.OWN)
def end_shared(feed_id: int) -> AnyResponse:
    """The address stops at once."""
    _change(feed_id, lambda found: operations.end_shared_feed(found, now=clock.now()))
    return _back(_("The address no longer works."))


def _change(feed_id: int, change: Callable[[SharedFeed], None]) -> None:
    """Only its maker's. Raises NotFound."""
    found = queries.shared_feed(feed_id)
    if found is None or found.user_id != user().id:
        raise NotFound(f"feed {feed_id}")
    with transaction(by=user()):
        change(found)


def _back(words: str) -> AnyResponse:
    flash(words, "message")
    return redirect(url_for("reminders.calendar"), 303)
