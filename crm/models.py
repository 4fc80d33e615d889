"""Every model in the program, so that one import makes the whole schema known."""

import crm.accounts.models
import crm.activities.models
import crm.anchoring.models
import crm.audit.models
import crm.budgets.models
import crm.cases.models
import crm.champions.models
import crm.contracts.models
import crm.core.once
import crm.core.pending
import crm.handover.models
import crm.integrity.models
import crm.interest.models
import crm.kits.models
import crm.law.models
import crm.merging.models
import crm.ops.models
import crm.organisations.models
import crm.outbox.models
import crm.people.models
import crm.pricing.models
import crm.procurements.models
import crm.records.models
import crm.reminders.models
import crm.requirements.models
import crm.search.models
import crm.tenders.models
import crm.trials.models  # noqa: F401  # imported for what it registers
