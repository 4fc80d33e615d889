"""One of everything, and the address of every route: what the tests walk that visit all of them.

A new route needs nothing here as long as its parts are called as the others' are; one with a part
of its own says in `World.parts` which row it means.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule

from crm.accounts import absences
from crm.accounts import links as account_links
from crm.accounts.operations import sign_in
from crm.activities.models import ActivityKind
from crm.anchoring import operations as anchoring
from crm.budgets import operations as budgets
from crm.budgets.drafts import Ground
from crm.budgets.models import CouncilMeeting
from crm.cases import operations as cases
from crm.cases.models import CasePerson
from crm.champions import operations as champions
from crm.contracts import operations as contract_operations
from crm.contracts import queries as contracts
from crm.contracts.models import ContractWord
from crm.core import clock
from crm.core.config import Settings
from crm.core.db import db
from crm.handover import operations as handover
from crm.handover.queries import Scope
from crm.integrity import operations as integrity
from crm.interest import operations as interest
from crm.interest.models import Source, SourceKind
from crm.law import operations as law
from crm.law import queries as law_values
from crm.merging import operations as merging
from crm.merging.models import Kind as MergeKind
from crm.merging.operations import Wish as MergeWish
from crm.organisations import operations as organisations
from crm.organisations import schools
from crm.organisations.models import Alias, DomainPattern
from crm.people import operations as people
from crm.people.models import Post
from crm.procurements import operations as procurement_operations
from crm.reminders import links as reminder_links
from crm.reminders import own as own_rules
from crm.reminders.operations import share_feed
from crm.requirements import operations as requirement_operations
from crm.requirements.models import ComparisonLine
from crm.rules.access import Role
from crm.rules.anchoring import Stance
from crm.rules.certainty import Certainty
from crm.rules.champions import ActKind, Occasion, SellingOutcome
from crm.rules.confirmations import coming_budget_year
from crm.rules.contracts import ContractKind, OptionState
from crm.rules.functions import Function
from crm.rules.law.explained import Confidence
from crm.rules.notices import Award, AwardStatus, NoticeKind, Party, ProcedureType, Words
from crm.rules.own_rules import OwnRule
from crm.rules.relations import RelationKind
from crm.rules.reminder_facts import ReminderKind
from crm.rules.requirements import Area
from crm.rules.stages import CaseRole, ProcurementStage, WaitReason
from crm.tenders import operations as tenders
from crm.tenders.models import TenderItem
from crm.web import shared_links
from tests.factories import accounts as make_accounts
from tests.factories import budgets as make_budgets
from tests.factories import interest as make
from tests.factories import pricing as make_prices
from tests.factories import requirements as make_requirements
from tests.factories.activities import make_activity
from tests.factories.cases import make_case
from tests.factories.contracts import make_contract
from tests.factories.kits import make_kit
from tests.factories.notices import BUYER, make_record, store
from tests.factories.people import make_person
from tests.factories.procurements import make_procurement
from tests.factories.records import make_request
from tests.factories.reminders import make_reminder
from tests.factories.tenders import make_tender
from tests.factories.trials import make_pilot, make_source, make_trial

SCHOOL_FILE = b"Skolenhetskod;Skola;Kommunkod\n12345678;Exempelskolan;0860\n"
LAW_VALUE = "eu_threshold.LOU.other.goods_services"
MISSING = 2_000_000_000
"""An id that no row has."""


@dataclass
class World:
    """Users by role, and which value stands for each variable part of an address."""

    users: dict[Role, int]
    parts: dict[str, Any]
    """By "endpoint.part", "blueprint.part" or "part": the most particular one counts."""

    def arguments(self, rule: Rule) -> dict[str, Any]:
        """A value for each variable part of the route, all of them belonging together."""
        blueprint = rule.endpoint.partition(".")[0]
        found = {}
        for part in rule.arguments:
            keys = [f"{rule.endpoint}.{part}", f"{blueprint}.{part}", part]
            known = [self.parts[key] for key in keys if key in self.parts]
            assert known, f"tests/support/world.py knows no {part} for {rule}"
            found[part] = known[0]
        return found

    def address(self, app: Flask, rule: Rule, **changes: Any) -> str:
        """The route's address in this world."""
        return str(
            app.url_map.bind("localhost").build(
                rule.endpoint, self.arguments(rule) | changes, method=_method(rule)
            )
        )


def routes(app: Flask, method: str) -> list[Rule]:
    """The routes that answer the method, in the order of their addresses."""
    return sorted(
        (
            rule
            for rule in app.url_map.iter_rules()
            if method in (rule.methods or ()) and rule.endpoint != "static"
        ),
        key=str,
    )


def _method(rule: Rule) -> str:
    return "GET" if "GET" in (rule.methods or ()) else "POST"


def build(app: Flask) -> World:
    """Make one of everything. Needs an app context; flushes, and leaves committing to the test."""
    settings: Settings = app.extensions["settings"]
    now, today = clock.now(), clock.today()
    before = now - timedelta(days=100)
    interest.seed_sources()
    users = {
        role: make_accounts.make_user(role, password=True, name=f"Kollega {role.value}", now=before)
        for role in Role
    }
    rep, admin = users[Role.REP], users[Role.ADMIN]
    place = make.hultsfred(now=before)
    body, school, anna = place.body, place.school, place.anna
    organisations.add_alias(school, "Gamla Venhagen")
    organisations.learn_domain("venhagen.example", school)
    account_role = people.give_role(anna, school, CaseRole.CHAMPION, by=rep, today=today, now=now)
    inquiry = make.inquiry(by=rep, now=before, organisation=body)
    source = db.session.query(Source).filter_by(kind=SourceKind.CHANNEL, retired=False).first()
    assert source is not None
    product = cases.add_product("Läsverktyg för alla")
    case = make_case(school, owner=rep, now=before)
    cases.set_role(case, anna, CaseRole.CHAMPION, by=rep, today=today, now=now)
    unit = cases.join_unit(case, place.other_school, by=rep, today=today, now=now)
    cases.set_next_step(case, "Skicka prisexemplet", today, by=rep)
    waiting = make_case(body, "Väntar på budgeten", owner=rep, now=before)
    cases.put_to_wait(
        waiting,
        WaitReason.NO_BUDGET,
        until=today + timedelta(days=60),
        by=rep,
        today=today,
        now=now,
    )
    activity = make_activity(school, ActivityKind.NOTE, by=admin, person_id=anna.id, now=before)
    make_budgets.make_practice(body)
    neighbour = make_budgets.make_body("Grannköping")
    make_budgets.make_practice(neighbour, checked_on=today - timedelta(days=800))
    budgets.roll_forward(neighbour.id, coming_budget_year(today), now=now)
    pause = make_budgets.make_pause(body, today)
    budgets.add_meetings(
        body,
        [today + timedelta(days=90)],
        Ground(Certainty.CONFIRMED, "", today),
        by=admin,
        now=now,
    )
    chosen = OwnRule(name="Skriv prisbladet", kind=ReminderKind.PREPARE, count=10)
    own_rule = own_rules.add(chosen, by=admin, now=now)
    reminder = make_reminder(school, admin, today, case=case)
    make_reminder(body, users[Role.FOUNDER], today)
    invitation = make_accounts.make_invitation(now=now)
    absence = absences.add(
        users[Role.VIEWER],
        first=today + timedelta(days=30),
        last=today + timedelta(days=40),
        deputy_id=rep.id,
        today=today,
        now=now,
    )
    shared = share_feed(admin, body, now=now)
    handed = handover.hand_over(Scope(users[Role.FOUNDER].id), rep, {}, by=admin, now=now)
    merged = merging.merge(
        MergeKind.ORGANISATION,
        neighbour,
        make_budgets.make_body("Grannköpings kommun"),
        MergeWish(),
        by=admin,
        today=today,
        now=now,
    ).merge
    law_value = law.correct(
        law_values.get(LAW_VALUE, today),
        law.Reading(date(2026, 1, 1), 2_451_751, 216_000, "EUT", Confidence.CONFIRMED, "Läst"),
        by=admin,
        now=now,
    )
    assert law_value is not None
    file = schools.keep(SCHOOL_FILE, name="skolor.csv", by=admin, now=now, today=today)

    procurement = make_procurement(body, case=case, now=now, today=today)
    contract = make_contract(
        body,
        starts_on=today - timedelta(days=400),
        ends_on=today + timedelta(days=500),
        notice_months=3,
        value_ore=1_200_000_00,
        options=(12, 12),
        product_id=product.id,
        now=now,
        today=today,
    )
    used, unused = contract.options
    contract_operations.decide(contract, used, OptionState.USED, by=rep, today=today, now=now)
    framework = make_contract(
        body,
        "Ramavtal läromedel",
        kind=ContractKind.FRAMEWORK,
        supplier="Bokstaven AB m.fl.",
        ends_on=today + timedelta(days=300),
        cap_ore=20_000_000_00,
        used_ore=17_000_000_00,
        product_id=product.id,
        now=now,
        today=today,
    )
    procurement.tenders_due_at = now + timedelta(days=40)
    tender = make_tender(procurement, by=rep, now=now)
    line = first_id(TenderItem, tender_id=tender.id)
    tenders.do_item(tender, tenders.queries.item_of(tender, line), by=rep, now=now)
    handed_in = make_tender(make_procurement(body, now=now, today=today), by=rep, now=now)
    tenders.submit(handed_in, now, receipt="A-17", reason="Intyget kommer", by=rep, now=now)

    make_prices.publish_list(product, admin, valid_from=today, now=now)
    until = today + timedelta(days=90)
    sheet = make_prices.share(case, rep, valid_until=until, today=today, now=now)
    make_prices.pays(school, 7_300, today, until, today=today, now=now)
    draft = make_prices.draft_list(product, now=now)
    unknown = Party(Words((("sv", "Okända verket"),)), number="2021000340")
    told = make_budgets.make_body(
        "Annonsköping"
    )  # a live notice at the body would stop hospitality
    told.org_number = BUYER
    known = Party(Words((("sv", told.name),)), number=told.org_number)
    won = Award(
        "TEN-1",
        ("LOT-1",),
        AwardStatus.AWARDED,
        winners=(Party(Words((("sv", "Vinnaren AB"),)), number="5560250051"),),
    )
    matched, unmatched, _awarded = store(
        [
            make_record(buyers=(known,), dispatched=today, procedure=ProcedureType.OPEN),
            make_record(buyers=(unknown,), procedure_id="p-2"),
            make_record(NoticeKind.RESULT, buyers=(known,), procedure_id="p-3", awards=(won,)),
        ],
        by=admin,
        today=today,
        now=now,
    )

    request = make_request(
        body, users[Role.ADMIN], procurement=procurement, case=case, now=now, today=today
    )

    answer = make_requirements.make_answer(rep, today=today)
    need = make_requirements.make_need(school, rep, person=anna, today=today, now=now)
    requirement = make_requirements.make_requirement(rep, needs=(need,), answer=answer, now=now)
    loose = make_requirements.make_need(
        body, rep, "Det ska gå att få texten uppläst", area=Area.ACCESSIBILITY, today=today, now=now
    )
    like_it = make_requirements.make_requirement(rep, "Inloggning med kommunens konto", now=now)
    comparison = make_requirements.make_comparison(case, rep, procurement=procurement, now=now)

    material = integrity.share(
        body,
        what="Bilder från visningen",
        occasion="Marknadsdialog",
        shared_on=today,
        kept_at="G:/Visningar",
        with_others=True,
        procurement=procurement,
        by=users[Role.ADMIN],
        today=today,
        now=now,
    )
    conflict = integrity.note_conflict(
        person=anna, case=None, note="Syskon på företaget", by=users[Role.ADMIN], today=today
    )

    bare = make_procurement(told, now=now, today=today)
    reviewed = make_procurement(told, begins_on=today - timedelta(days=300), now=now, today=today)
    for since in (today, None):  # it has moved the plan, and is over
        procurement_operations.review(reviewed, since, by=rep, now=now)

    map_line = anchoring.write_line(
        case,
        None,
        function=Function.IT,
        person=None,
        who="it-chefen",
        stance=Stance.DOUBTFUL,
        since=None,
        question="Hur loggar man in?",
        by=rep,
        today=today,
    )
    remark = anchoring.note_remark(
        case,
        function=Function.ARCHIVE,
        step=None,
        person=None,
        words="Hur tar vi ut det som ska bevaras?",
        said_on=today,
        by=rep,
        today=today,
        now=now,
    )
    act = champions.write(
        anna,
        champions.Done(
            ActKind.SHOWED,
            today,
            function=Function.MANAGEMENT,
            outcome=SellingOutcome.LIKED,
            next_kind=Occasion.STAFF_MEETING,
            next_on=today + timedelta(days=30),
        ),
        case=case,
        by=rep,
        today=today,
        now=now,
    )
    former = make.person("Gun", "Alm", school, title="rektor", now=before)
    cases.set_role(case, former, CaseRole.BUDGET_OWNER, by=rep, today=today, now=now)
    cases.end_role(
        db.session.query(CasePerson).filter_by(case_id=case.id, person_id=former.id).one(),
        case=case,
        name=former.name,
        by=rep,
        today=today,
        now=now,
    )
    colleague = make_person("Bo Ek", organisation=school, title="IT-chef", now=before)
    relation = anchoring.relate(
        body, anna, colleague, RelationKind.INFLUENCES, note="", by=rep, today=today
    )
    consent = anchoring.consent(
        colleague,
        school,
        consented_on=today,
        a_year=2,
        uses="Läsning",
        systems="Teams",
        by=rep,
        today=today,
    )
    kit = make_kit(case, anna, rep, today=today, now=now)
    elsewhere = make_budgets.make_body("Kravköping")  # here it would stop the hospitality
    moved_on = make_case(elsewhere, "Kraven skrivs", owner=rep, now=before)
    cases.move_procurement(moved_on, ProcurementStage.PREPARING, by=rep, now=now)
    sender = make_source(now=now)
    make_trial(sender, "eva.ek@hultsfred.se", now=now, signed_up_on=today)
    pilot = make_pilot(case, school, today=today, now=now)

    key = settings.secret_key
    other_session = sign_in(admin, attempt_id=None, address="127.0.0.1", agent="test", now=now)
    removed = [
        contract_operations.remove(
            contracts.get(make_contract(body, "Inlagt av misstag").id), by=rep, now=now
        ),
        procurement_operations.remove(
            make_procurement(body, "Inlagd av misstag", now=now, today=today), by=rep, now=now
        ),
        requirement_operations.remove_need(
            make_requirements.make_need(school, rep, "Av misstag", today=today, now=now),
            by=rep,
            now=now,
        ),
        requirement_operations.remove_requirement(
            make_requirements.make_requirement(rep, "Av misstag", now=now), by=rep, now=now
        ),
        requirement_operations.remove_answer(
            make_requirements.make_answer(rep, "Av misstag", today=today), by=rep, now=now
        ),
    ]
    parts: dict[str, Any] = {
        "organisation_id": school.id,
        "budgets.organisation_id": body.id,
        "anchoring.relations.organisation_id": body.id,
        "anchoring.body_times.organisation_id": body.id,
        "body_id": body.id,
        "other_organisation_id": place.other_school.id,
        "person_id": anna.id,
        "post_id": first_id(Post, person_id=anna.id),
        "case_id": case.id,
        "product_id": product.id,
        "cases.reopen.case_id": case.id,
        "cases.wake.case_id": waiting.id,
        "inquiry_id": inquiry.id,
        "source_id": source.id,
        "interest.what": "down",
        "figure": "people",
        "cases.what": "retire",
        "reminder_id": reminder.id,
        "activity_id": activity.id,
        "pause_id": pause.id,
        "meeting_id": first_id(CouncilMeeting, organisation_id=body.id),
        "neighbour_id": neighbour.id,
        "rule_key": "R2",
        "slot": LAW_VALUE,
        "law_value_id": law_value.id,
        "phase": "door",
        "own_rule_id": own_rule.id,
        "reminders.take_up_rule.version": 1,
        "file_id": file.id,
        "user_id": rep.id,
        "absence_id": absence.id,
        "feed_id": shared.id,
        "hand_over_id": handed.id,
        "merge_id": merged.id,
        "merging.what": "organisations",
        "merging.thing_id": school.id,
        "merging.kept_id": place.other_school.id,
        "merging.gone_id": school.id,
        "procurement_id": procurement.id,
        "list_id": draft.id,
        "line_id": draft.lines[0].id,
        "sheet_id": sheet.id,
        "pricing.token": shared_links.token(key, sheet),
        "kit_id": kit.id,
        "kits.token": shared_links.token(key, kit),
        "contract_id": contract.id,
        "option_id": unused.id,
        "contracts.reopen_option.option_id": used.id,
        "contracts.put_back.removal_id": removed[0].id,
        "procurements.put_back.removal_id": removed[1].id,
        "requirements.put_need_back.removal_id": removed[2].id,
        "requirements.put_back.removal_id": removed[3].id,
        "requirements.put_answer_back.removal_id": removed[4].id,
        "procurements.remove.procurement_id": bare.id,  # what others hang on cannot be removed
        "procurements.move_back.procurement_id": reviewed.id,
        "contracts.add_callers.contract_id": framework.id,
        "contracts.remove_caller.contract_id": framework.id,
        "contracts.remove_caller.organisation_id": body.id,
        "contracts.take_theirs.contract_id": db.session.scalar(sa.select(ContractWord.contract_id)),
        "tender_id": tender.id,
        "item_id": line,
        "tenders.confirm.tender_id": handed_in.id,
        "tenders.take_back.tender_id": handed_in.id,
        "import_id": matched.import_id,
        "notice_id": unmatched.notice_id,
        "procurements.notice.notice_id": matched.notice_id,
        "request_id": request.id,
        "trials.source_id": sender.id,
        "trials.key": sender.key,
        "sender_id": sender.id,
        "pilot_id": pilot.id,
        "need_id": loose.id,
        "requirement_id": requirement.id,
        "other_requirement_id": like_it.id,
        "answer_id": answer.id,
        "comparison_id": comparison.id,
        "requirements.line_id": first_id(ComparisonLine, comparison_id=comparison.id),
        "material_id": material.id,
        "conflict_id": conflict.id,
        "act_id": act.id,
        "champions.successor.person_id": former.id,
        "champions.colleague_id": former.id,
        "anchoring.line_id": map_line.id,
        "anchoring.make_tasks.case_id": moved_on.id,
        "anchoring.skip.case_id": moved_on.id,
        "remark_id": remark.id,
        "relation_id": relation.id,
        "colleague_id": colleague.id,
        "reference_id": consent.id,
        "stage": "needs",
        "route": "open",
        "session_id": other_session.id,
        "invitation_id": invitation.id,
        "accounts.token": token_of(account_links.invitation(settings, invitation)),
        "accounts.password_by_link.token": token_of(account_links.password(settings, rep, now)),
        "reminders.from_digest.token": reminder_links.sign(key, admin.id, [reminder.id]),
        "reminders.feed.token": reminder_links.feed_token(key, admin.id, admin.feed_nonce),
        "people.role_id": account_role.id,
        "cases.role_id": first_id(CasePerson, case_id=case.id),
        "cases.unit_id": unit.id,
        "alias_id": first_id(Alias, organisation_id=school.id),
        "pattern_id": first_id(DomainPattern, organisation_id=school.id),
    }
    return World({role: user.id for role, user in users.items()}, parts)


def first_id(model: Any, **where: Any) -> int:
    return int(db.session.query(model.id).filter_by(**where).order_by(model.id).first()[0])


def token_of(address: str) -> str:
    """The last part of a link."""
    return address.rsplit("/", 1)[1]
