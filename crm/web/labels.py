"""What each stored value is called. One table for every enum, so that no page shows a raw value."""

from enum import Enum

from flask import Flask
from flask_babel import lazy_gettext as _l

# Keyed by the enum's name and the value, so that this file need not import the domains above it.
LABELS: dict[str, dict[str, object]] = {
    "LetterPace": {
        "daily": _l("Every morning: what is due"),
        "weekly": _l("Once a week: what moved, who decides soon, what wakes, and what is due"),
        "none": _l("No letter"),
    },
    "Thing": {
        "account": _l("Own accounts"),
        "case": _l("Cases"),
        "reminder": _l("Reminders"),
        "inquiry": _l("Open inquiries"),
    },
    "Role": {
        "rep": _l("Sales rep"),
        "account_manager": _l("Account manager"),
        "founder": _l("Founder"),
        "admin": _l("Administrator"),
        "viewer": _l("Reader"),
    },
    "OrganisationKind": {
        "municipality": _l("Municipality"),
        "region": _l("Region"),
        "authority": _l("State authority"),
        "university": _l("University"),
        "association": _l("Kommunalförbund"),
        "company": _l("Publicly owned company"),
        "principal": _l("Independent school authority"),
        "committee": _l("Nämnd"),
        "department": _l("Förvaltning"),
        "unit": _l("Unit"),
    },
    "UnitKind": {
        "school": _l("School"),
        "preschool": _l("Preschool"),
        "upper_secondary": _l("Upper secondary school"),
        "adult_education": _l("Adult education"),
        "library": _l("Library"),
        "health_centre": _l("Health centre"),
        "hospital": _l("Hospital"),
        "care_home": _l("Care home"),
        "social_services": _l("Social services"),
        "finance": _l("Finance office"),
        "office": _l("Office"),
        "other": _l("Other unit"),
    },
    "SizeClass": {
        "under_10": _l("Under 10,000 inhabitants"),
        "under_25": _l("10,000–24,999"),
        "under_50": _l("25,000–49,999"),
        "under_100": _l("50,000–99,999"),
        "over_100": _l("100,000 or more"),
    },
    "AdoptionStage": {
        "curious": _l("Curious person"),
        "colleagues": _l("Colleagues"),
        "unit_pilot": _l("Pilot in a unit"),
        "several_units": _l("Several units"),
        "budgeted_need": _l("Budgeted need"),
        "procurement": _l("Upphandling or avrop"),
        "wide_use": _l("Wide use"),
    },
    "ProcurementStage": {
        "none": _l("Nothing to buy yet"),
        "undecided": _l("Route not decided"),
        "direct_award": _l("Direktupphandling"),
        "call_off": _l("Avrop"),
        "early_dialogue": _l("Early dialogue"),
        "preparing": _l("Requirements being written"),
        "published": _l("Published"),
        "evaluation": _l("Tenders being evaluated"),
        "standstill": _l("Avtalsspärr"),
        "under_review": _l("Under review (överprövning)"),
        "signed": _l("Contract signed"),
    },
    "BuyerPhase": {
        "preparation": _l("Preparing the budget"),
        "directive": _l("Setting frames"),
        "door": _l("Handing in their needs"),
        "investment": _l("Asking for investments"),
        "politics": _l("In political preparation"),
        "decision": _l("Deciding the budget"),
        "reconciliation": _l("Checking the frames"),
        "internal_budget": _l("Sharing out the internbudget"),
        "appropriation": _l("Getting their regleringsbrev"),
        "year_end": _l("Closing the year"),
        "year_start": _l("Starting the new budget year"),
        "follow_up": _l("Following up and closing the books"),
        "between": _l("Between two phases"),
        "unknown": _l("Timetable not known"),
    },
    "CaseState": {
        "open": _l("Open"),
        "waiting": _l("Waiting (avvakta)"),
        "closed": _l("Closed"),
    },
    "Outcome": {
        "won": _l("Won"),
        "lost": _l("Lost"),
        "cancelled_by_buyer": _l("Cancelled by the buyer"),
        "no_decision": _l("No decision"),
        "bought_otherwise": _l("Bought otherwise"),
        "declined_by_us": _l("Declined by us"),
    },
    "OutcomeReason": {
        "staff_wanted_it": _l("The staff wanted it"),
        "quality": _l("Quality"),
        "price": _l("Price"),
        "existing_agreement": _l("An agreement was in place"),
        "requirement_not_met": _l("A requirement not met"),
        "formal_error": _l("A formal error in the tender"),
        "incumbent": _l("The present supplier stayed"),
        "no_budget": _l("No money in the budget"),
        "reorganisation": _l("Reorganisation"),
        "too_few_tenders": _l("Too few tenders"),
        "after_review": _l("After överprövning"),
        "need_gone": _l("The need is gone"),
        "disagreement": _l("Disagreement"),
        "champion_left": _l("The champion left"),
        "other_priority": _l("Other things came first"),
        "framework_agreement": _l("Through a ramavtal"),
        "existing_tool": _l("With a tool they have"),
        "joint_purchase": _l("Together with others"),
        "built_it_themselves": _l("Built it themselves"),
        "requirements_do_not_fit": _l("The requirements do not fit us"),
        "conditions_of_contract": _l("The conditions of the contract"),
        "no_capacity": _l("We had no capacity"),
        "integrity": _l("For reasons of integrity"),
        "other": _l("Something else"),
    },
    "WaitReason": {
        "disagreement": _l("Disagreement"),
        "no_budget": _l("No money in the budget"),
        "awaiting_decision": _l("Awaiting a decision"),
        "reorganisation": _l("Reorganisation"),
        "election": _l("Election"),
        "spending_freeze": _l("Inköpsstopp"),
        "other_priority": _l("Other things come first"),
        "champion_away": _l("The champion is away"),
        "procurement_running": _l("Upphandling under way"),
        "no_answer": _l("No answer"),
        "their_request": _l("They asked us to wait"),
        "other": _l("Something else"),
    },
    "Every": {
        "day": _l("Every day"),
        "week": _l("Every week"),
        "month": _l("Every month"),
        "year": _l("Every year"),
        "cycle": _l("Each budget cycle"),
    },
    "StopWhen": {
        "never": _l("No, only on its last day"),
        "case_closed": _l("When the case is closed"),
        "wait_over": _l("When the case no longer waits"),
    },
    "Scope": {
        "this": _l("This one only"),
        "rest": _l("This one and those that follow"),
    },
    "LightPurpose": {
        "season": _l("By the season"),
        "submissions": _l("Before the submissions"),
        "decision": _l("After the decision"),
        "term": _l("At the start of term"),
        "news": _l("Something of use"),
    },
    "WakeEvent": {
        "council_decided": _l("until the council has decided"),
        "council_met": _l("until the council has met next"),
        "door_opens": _l("until the nämnder start on their requests"),
        "internal_budget": _l("until the internal budget is made"),
        "budget_year_starts": _l("until the budget year starts"),
        "term_starts": _l("until term has started"),
        "new_council": _l("until the new council has taken office"),
        "new_committees": _l("until the new nämnder have settled in"),
    },
    "Route": {
        "undecided": _l("Not decided"),
        "unit_purchase": _l("Purchase by a unit"),
        "direct_award": _l("Direct award (direktupphandling)"),
        "call_off": _l("Call-off on fixed terms (avrop)"),
        "renewed_competition": _l("Call-off with renewed competition (FKU)"),
        "purchasing_body": _l("Central purchasing body (inköpscentral)"),
        "below_threshold": _l("Advertised below the threshold (19 kap.)"),
        "open": _l("Open procedure (öppet förfarande)"),
        "selective": _l("Selective procedure (selektivt förfarande)"),
        "negotiated": _l("Negotiated with a notice (förhandlat förfarande)"),
        "negotiated_unadvertised": _l("Negotiated without a notice"),
        "competitive_dialogue": _l("Competitive dialogue (konkurrenspräglad dialog)"),
        "innovation_partnership": _l("Innovation partnership (innovationspartnerskap)"),
        "dynamic_system": _l("Dynamic purchasing system (DIS)"),
        "choice_system": _l("System of choice (LOV)"),
        "option": _l("Option or extension"),
    },
    "PubStatus": {
        "none": _l("No PUB-avtal"),
        "asked": _l("Asked for"),
        "draft": _l("Draft"),
        "signed": _l("Signed"),
        "not_needed": _l("Not needed"),
    },
    "CaseRole": {
        "user": _l("User"),
        "champion": _l("Champion"),
        "coach": _l("Coach"),
        "budget_owner": _l("Budget owner"),
        "decision_maker": _l("Decision maker"),
        "procurement_officer": _l("Procurement officer"),
        "it": _l("IT"),
        "data_protection": _l("Data protection"),
        "support_function": _l("Support function"),
        "union": _l("Union or safety representative"),
        "sceptic": _l("Sceptic"),
    },
    "DecisionPractice": {
        "june": _l("Decides in June"),
        "september": _l("Decides in September"),
        "october": _l("Decides in October"),
        "november": _l("Decides in November"),
        "december": _l("Decides in December"),
        "state": _l("State authority"),
        "university": _l("University"),
        "unknown": _l("Not known yet"),
    },
    "ContractKind": {
        "own": _l("Our own"),
        "other": _l("Another supplier's"),
        "framework": _l("Ramavtal"),
    },
    "OptionState": {
        "open": _l("Not decided"),
        "used": _l("Used"),
        "declined": _l("Not used"),
    },
    "FrameworkPosition": {
        "holder": _l("We are a supplier in it"),
        "reseller": _l("Through a reseller"),
        "outside": _l("We are outside"),
    },
    "ContractEvent": {
        "window": _l("Time to ask about the plans"),
        "dialogue": _l("Time for an early dialogue"),
        "notice": _l("Last day for notice"),
        "option_end": _l("Ends if the option is used"),
        "end": _l("Last day"),
    },
    "Certainty": {
        "law": _l("set by law"),
        "published": _l("published by the body"),
        "confirmed": _l("confirmed to us"),
        "reported": _l("told by others"),
        "typical": _l("typical"),
        "guessed": _l("guessed"),
    },
    "ReminderKind": {
        "contact": _l("Contact"),
        "prepare": _l("Prepare"),
        "read": _l("Read"),
        "deadline": _l("Our promise"),
        "task": _l("Task"),
    },
    "ReminderState": {
        "planned": _l("Planned"),
        "due": _l("In the inbox"),
        "done": _l("Done"),
        "dismissed": _l("Put aside"),
        "withdrawn": _l("Withdrawn"),
    },
    "DoneOutcome": {
        "done": _l("Done"),
        "asked": _l("Asked, the answer is theirs"),
        "answered": _l("Asked and answered"),
    },
    "PauseKind": {
        "freeze": _l("Inköpsstopp"),
        "quiet": _l("Quiet period of their own"),
        "winter_break": _l("Sportlov of their own"),
        "easter_break": _l("Påsklov of their own"),
        "autumn_break": _l("Höstlov of their own"),
    },
    "DistanceUnit": {
        "days": _l("days"),
        "weeks": _l("weeks"),
        "months": _l("months"),
    },
    "Assignee": {
        "case_owner": _l("the owner of the case"),
        "account_manager": _l("whoever looks after the buyer"),
        "colleague": _l("a colleague by name"),
    },
    "OwnRuleState": {
        "on": _l("On"),
        "off": _l("Switched off"),
        "ended": _l("Ended"),
    },
    "Difference": {
        "new": _l("new"),
        "moved": _l("moved"),
        "gone": _l("goes"),
        "same": _l("as now"),
    },
    "Persona": {
        "rep": _l("For the sales rep"),
        "account_manager": _l("For the account manager"),
        "founder": _l("For the founder"),
    },
    "ActivityKind": {
        "call": _l("Call"),
        "mail": _l("Mail"),
        "meeting": _l("Meeting"),
        "note": _l("Note"),
        "inquiry": _l("Inquiry"),
        "stage": _l("Stage"),
        "case": _l("Case"),
        "reminder": _l("Reminder"),
        "post": _l("Post"),
        "procurement": _l("Upphandling"),
        "contract": _l("Contract"),
        "calendar": _l("Budget year"),
    },
    "Sorting": {
        "to_sort": _l("To sort"),
        "sorted": _l("Sorted"),
        "let_go": _l("Let go"),
    },
    "SourceKind": {
        "channel": _l("Channel"),
        "trigger": _l("What made them turn to us"),
    },
    "Sameness": {
        "org_number": _l("same organisation number"),
        "email": _l("same e-mail address"),
        "phone": _l("same phone number"),
        "name": _l("like name"),
        "name_and_municipality": _l("like name at the same body"),
    },
    "Track": {
        "adoption": _l("Adoption"),
        "procurement": _l("Upphandling"),
        "state": _l("State"),
    },
    "Precision": {
        "day": _l("to the day"),
        "week": _l("to the week"),
        "month": _l("to the month"),
        "quarter": _l("to the quarter"),
        "half_year": _l("to the half-year"),
        "budget_year": _l("to the budget year"),
    },
}


def label(value: Enum | None) -> str:
    """The member's name for the reader. An enum without words here is a bug, said loudly."""
    if value is None:
        return ""
    return str(LABELS[type(value).__name__][value.value])


def label_of(value: str, enum_name: str) -> str:
    """The same for a stored plain value; a value no longer known is shown as it stands."""
    return str(LABELS[enum_name].get(value, value))


def choices(kind: type[Enum], *, empty: str | None = None) -> list[tuple[str, str]]:
    """For a select field: (value, words) for every member, with an empty first line if given."""
    first = [("", empty)] if empty is not None else []
    return [*first, *((member.value, label(member)) for member in kind)]


def register(app: Flask) -> None:
    """Make `label` and `label_of` known to the templates."""
    app.jinja_env.filters["label"] = label
    app.jinja_env.filters["label_of"] = label_of
