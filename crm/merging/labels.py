"""What the rows of a table are called, with how many there are."""

from collections.abc import Mapping

from flask_babel import ngettext


def thing(table: str, number: int) -> str:
    """ "3 cases": rows of a table in words."""
    match table:
        case "account_role" | "case_person":
            return ngettext("one role", "%(num)s roles", number)
        case "activity":
            return ngettext("one line of the story", "%(num)s lines of the story", number)
        case "case":
            return ngettext("one case", "%(num)s cases", number)
        case "case_unit":
            return ngettext("one part in a case", "%(num)s parts in cases", number)
        case "unit_use":
            return ngettext("one time of use", "%(num)s times of use", number)
        case "domain_pattern":
            return ngettext("one mail domain", "%(num)s mail domains", number)
        case "hand_over_item":
            return ngettext("one line of a hand-over", "%(num)s lines of hand-overs", number)
        case "inquiry":
            return ngettext("one inquiry", "%(num)s inquiries", number)
        case "notice":
            return ngettext("one notice", "%(num)s notices", number)
        case "organisation":
            return ngettext("one account", "%(num)s accounts", number)
        case "organisation_alias":
            return ngettext("one other name", "%(num)s other names", number)
        case "pause":
            return ngettext("one quiet period", "%(num)s quiet periods", number)
        case "person":
            return ngettext("one person", "%(num)s people", number)
        case "post":
            return ngettext("one post", "%(num)s posts", number)
        case "procurement":
            return ngettext("one procurement", "%(num)s procurements", number)
        case "stage_length":
            return ngettext("one length of a stage", "%(num)s lengths of stages", number)
        case "reminder":
            return ngettext("one reminder", "%(num)s reminders", number)
        case "shared_feed":
            return ngettext("one calendar address", "%(num)s calendar addresses", number)
        case "unit":
            return ngettext("one unit below", "%(num)s units below", number)
        case _:
            return ngettext(
                "one date of the budget year", "%(num)s dates of the budget year", number
            )


def things(counts: Mapping[str, int]) -> str:
    """All of them, one after the other."""
    return ", ".join(thing(table, number) for table, number in sorted(counts.items()) if number)
