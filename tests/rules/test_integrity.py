"""What a procurement under way asks of us: equal treatment, and nothing offered."""

from dataclasses import replace

import pytest

from crm.rules.integrity import Caution, allows_hospitality, caution
from crm.rules.own_events import RuleScope
from crm.rules.own_rules import OwnRule, as_rule
from crm.rules.reminder_rules import DEFAULT_RULES
from crm.rules.reminders import ReminderKind, contacts_stopped
from crm.rules.stages import CaseState, LightPurpose, ProcurementStage, is_published
from tests.rules.test_reminders import HULTSFRED, OFFICE, SCHOOL, contacts, planned_for

PREPARED = {ProcurementStage.EARLY_DIALOGUE, ProcurementStage.PREPARING}


@pytest.mark.parametrize("stage", ProcurementStage)
def test_the_line_holds_from_the_rfi_to_the_signature(stage: ProcurementStage) -> None:
    wanted = (
        Caution.ADVERTISED
        if is_published(stage)
        else Caution.PREPARED
        if stage in PREPARED
        else None
    )
    assert caution(stage) is wanted


@pytest.mark.parametrize("stage", ProcurementStage)
def test_nothing_is_offered_while_anything_is_under_way(stage: ProcurementStage) -> None:
    free = stage in {ProcurementStage.NONE, ProcurementStage.SIGNED}
    assert allows_hospitality([ProcurementStage.SIGNED, stage]) is free
    assert allows_hospitality([])


def test_a_procurement_without_a_case_of_ours_silences_the_body_as_well() -> None:
    assert contacts(planned_for(HULTSFRED, OFFICE, SCHOOL))
    out = replace(HULTSFRED, is_advertised=True)
    assert not contacts(planned_for(out, OFFICE, SCHOOL))
    assert contacts_stopped([OFFICE, SCHOOL], advertised=True) == {7, 8, None}


def test_no_light_contact_either_while_it_is_out() -> None:
    waiting = replace(
        SCHOOL,
        state=CaseState.WAITING,
        light_every=2,
        light_purpose=LightPurpose.SEASON,
        contact_id=5,
    )
    assert contacts(planned_for(HULTSFRED, waiting))
    assert not contacts(planned_for(replace(HULTSFRED, is_advertised=True), waiting))


def test_a_rule_of_ones_own_contacts_nobody_in_an_account_without_a_case() -> None:
    own = as_rule(
        OwnRule(name="Hör av dig", kind=ReminderKind.CONTACT, count=10, scope=RuleScope.ACCOUNTS),
        "E1",
        1,
    )
    body = replace(HULTSFRED, owner_id=3)
    rules = (*DEFAULT_RULES, own)
    assert contacts(planned_for(body, rules=rules))
    assert not contacts(planned_for(replace(body, is_advertised=True), rules=rules))
