"""What a body's use is, and why a row or a file was not taken. Senders read the key itself."""

from flask_babel import gettext as _
from flask_babel import ngettext

from crm.rules.trials import MOST_DAYS, Fault, Use


def said_of(fault: Fault) -> str:
    """One sentence."""
    match fault:
        case Fault.NO_ACCOUNT:
            return _("There is neither an e-mail address nor an account in it.")
        case Fault.BAD_EMAIL:
            return _("The e-mail address cannot be read.")
        case Fault.BAD_KIND:
            return _("The use is either work or private.")
        case Fault.BAD_DATE:
            return _("A day cannot be read. Write it as 2026-11-30.")
        case Fault.FUTURE:
            return _("A day in it has not come yet.")
        case Fault.BAD_NUMBER:
            return _("The number of days is a whole number, at most %(most)s.", most=MOST_DAYS)
        case Fault.BAD_CONSENT:
            return _("The consent is either yes or no.")
        case Fault.NO_COLUMNS:
            return _(
                "No column is called E-mail or Account. The first row is to hold the headings."
            )
        case Fault.TOO_LARGE:
            return _("The file is larger than 500 kB. Divide it.")
        case Fault.NOT_TEXT:
            return _("That is no table. Save it as CSV.")
        case Fault.EMPTY:
            return _("The file is empty.")
        case _:
            return _("Something in it is too long or cannot be read.")


def rests_on(use: Use) -> str:
    """What a proposed stage rests on, as a sentence."""
    people = ngettext("One person uses it", "%(num)s people use it", use.people)
    units = ngettext("in one unit", "in %(num)s units", use.units) if use.units else ""
    said = ", ".join(filter(None, (people, units))) + "."
    return f"{said} {_('There is a pilot.')}" if use.has_pilot else said
