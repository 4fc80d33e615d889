"""Every table of the first release. Made by tests/tools/regenerate_migration.py."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("did", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
    )
    op.create_index(
        "ix_job_run_name_started",
        "job_run",
        ["name", sa.literal_column("started_at DESC")],
        unique=False,
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("to", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "failed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.String(length=120), nullable=True),
        sa.Column("claimed_at", sa.Double(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("key", name=op.f("uq_letter_key")),
    )
    op.create_index(
        "ix_letter_waiting",
        "letter",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_table(
        "login_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempt")),
    )
    op.create_index("ix_login_attempt_address_at", "login_attempt", ["address", "at"], unique=False)
    op.create_index("ix_login_attempt_email_at", "login_attempt", ["email", "at"], unique=False)
    op.create_table(
        "own_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_rule")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column(
            "name_sort",
            sa.String(length=300).with_variant(sa.String(length=300, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("legal_basis", sa.String(length=60), nullable=False),
        sa.Column("noticed_on", sa.Date(), nullable=True),
        sa.Column("objected_on", sa.Date(), nullable=True),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "first_name <> '' OR last_name <> ''", name=op.f("ck_person_has_a_name")
        ),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_person_not_into_itself")),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["person.id"], name=op.f("fk_person_merged_into_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index("ix_person_email", "person", ["email"], unique=False)
    op.create_index(op.f("ix_person_merged_into_id"), "person", ["merged_into_id"], unique=False)
    op.create_index("ix_person_name_sort", "person", ["name_sort"], unique=False)
    op.create_index("ix_person_phone", "person", ["phone"], unique=False)
    op.create_table(
        "plan_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_request")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "plan_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("last_mark", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_round")),
    )
    op.create_table(
        "product",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("name", name=op.f("uq_product_name")),
    )
    op.create_table(
        "repeat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column(
            "every",
            sa.Enum(
                "day",
                "week",
                "month",
                "year",
                "cycle",
                name="every",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("apart", sa.Integer(), nullable=False),
        sa.Column(
            "event",
            sa.Enum(
                "council_decided",
                "council_met",
                "door_opens",
                "internal_budget",
                "budget_year_starts",
                "term_starts",
                "new_council",
                "new_committees",
                name="event",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=True),
        sa.Column(
            "stop_when",
            sa.Enum(
                "never",
                "case_closed",
                "wait_over",
                name="stop_when",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(every = 'cycle') = (event IS NOT NULL)", name=op.f("ck_repeat_cycle_has_an_event")
        ),
        sa.CheckConstraint("apart > 0", name=op.f("ck_repeat_apart")),
        sa.CheckConstraint("number > 0", name=op.f("ck_repeat_number")),
        sa.CheckConstraint("times > 0", name=op.f("ck_repeat_times")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repeat")),
    )
    op.create_table(
        "requirement_setting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("check_months", sa.Integer(), nullable=False),
        sa.Column("own_names", sa.Text(), nullable=False),
        sa.Column("brands", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "check_months BETWEEN 1 AND 60", name=op.f("ck_requirement_setting_check_months")
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_requirement_setting_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement_setting")),
    )
    op.create_table(
        "search_doc",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("ref_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("body_id", sa.Integer(), nullable=True),
        sa.Column(
            "path",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("subtitle", sa.String(length=300), nullable=False),
        sa.Column("own_words", sa.Text(), nullable=False),
        sa.Column("extra_words", sa.Text(), nullable=False),
        sa.Column("context_words", sa.Text(), nullable=False),
        sa.Column("scope_words", sa.Text(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_doc")),
        sa.UniqueConstraint("kind", "ref_id", name=op.f("uq_search_doc_kind")),
    )
    op.create_index(op.f("ix_search_doc_path"), "search_doc", ["path"], unique=False)
    op.create_table(
        "search_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_word")),
    )
    op.create_index(op.f("ix_search_word_word"), "search_word", ["word"], unique=False)
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "channel",
                "trigger",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name_sv", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("kind", "key", name="uq_source_kind_key"),
        sa.UniqueConstraint("kind", "name_en", name="uq_source_kind_name_en"),
        sa.UniqueConstraint("kind", "name_sv", name="uq_source_kind_name_sv"),
    )
    op.create_table(
        "stage_check_setting",
        sa.Column(
            "check",
            sa.Enum(
                "tender_deadline",
                "question_deadline",
                "go_decision",
                "award_day",
                "standstill_end",
                name="check",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "level",
            sa.Enum(
                "warn",
                "block",
                "off",
                name="level",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("check", name=op.f("pk_stage_check_setting")),
    )
    op.create_table(
        "submission",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("location", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_submission")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "rep",
                "account_manager",
                "founder",
                "admin",
                "viewer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("totp_secret", sa.String(length=64), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=True),
        sa.Column("feed_nonce", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("theme", sa.String(length=5), nullable=False),
        sa.Column("shortcuts", sa.Boolean(), nullable=False),
        sa.Column("first_steps", sa.Boolean(), nullable=False),
        sa.Column(
            "digest",
            sa.Enum(
                "daily",
                "weekly",
                "none",
                name="digest",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        sa.Column("digest_weekday", sa.Integer(), nullable=False),
        sa.Column("week_told_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("language IN ('sv', 'en')", name=op.f("ck_user_language")),
        sa.CheckConstraint("digest_hour BETWEEN 0 AND 23", name=op.f("ck_user_digest_hour")),
        sa.CheckConstraint("digest_weekday BETWEEN 0 AND 4", name=op.f("ck_user_digest_weekday")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
    )
    op.create_table(
        "usual_tender_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usual_tender_item")),
        sa.UniqueConstraint("position", name=op.f("uq_usual_tender_item_position")),
    )
    op.create_table(
        "vendor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("org_number", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_vendor_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vendor")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("called_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("deputy_id <> user_id", name=op.f("ck_absence_somebody_else")),
        sa.CheckConstraint("first <= last", name=op.f("ck_absence_days")),
        sa.ForeignKeyConstraint(["deputy_id"], ["user.id"], name=op.f("fk_absence_deputy_id_user")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_absence_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_user_id"), "absence", ["user_id"], unique=False)
    op.create_index(
        "uq_absence_first",
        "absence",
        ["user_id", "first"],
        unique=True,
        sqlite_where=sa.text("called_off_at IS NULL"),
        postgresql_where=sa.text("called_off_at IS NULL"),
    )
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_sort", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "area",
            sa.Enum(
                "function",
                "integration",
                "data_protection",
                "security",
                "accessibility",
                "operations",
                "support",
                "price",
                "training",
                name="area",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "met",
                "planned",
                "not_met",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(length=1000), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'planned') = (planned_on IS NOT NULL)", name=op.f("ck_answer_planned_when")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_answer_owner_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint("title", name=op.f("uq_answer_title")),
    )
    op.create_index("ix_answer_checked", "answer", ["checked_on"], unique=False)
    op.create_index(op.f("ix_answer_owner_id"), "answer", ["owner_id"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("entity_id", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user.id"], name=op.f("fk_audit_entry_actor_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_actor_id"), "audit_entry", ["actor_id"], unique=False)
    op.create_index(
        "ix_audit_entry_thing", "audit_entry", ["entity", "entity_id", "id"], unique=False
    )
    op.create_table(
        "champion_figures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("worth", sa.JSON(), nullable=False),
        sa.Column("halves_after", sa.Integer(), nullable=False),
        sa.Column("recent", sa.Integer(), nullable=False),
        sa.Column("clear_from", sa.Integer(), nullable=False),
        sa.Column("strong_from", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "halves_after > 0 AND recent > 0 AND 0 < clear_from AND clear_from < strong_from",
            name=op.f("ck_champion_figures_order"),
        ),
        sa.CheckConstraint(
            "units >= 1 AND people >= 1", name=op.f("ck_champion_figures_at_least_one")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["user.id"], name=op.f("fk_champion_figures_changed_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_champion_figures")),
        sa.UniqueConstraint("version", name=op.f("uq_champion_figures_version")),
    )
    op.create_index(
        op.f("ix_champion_figures_changed_by_id"),
        "champion_figures",
        ["changed_by_id"],
        unique=False,
    )
    op.create_table(
        "go_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["user.id"], name=op.f("fk_go_sheet_made_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_go_sheet")),
    )
    op.create_table(
        "hand_over",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=True),
        sa.Column("county_code", sa.String(length=2), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["from_id"], ["user.id"], name=op.f("fk_hand_over_from_id_user")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["user.id"], name=op.f("fk_hand_over_made_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["user.id"], name=op.f("fk_hand_over_undone_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
    )
    op.create_index(op.f("ix_hand_over_from_id"), "hand_over", ["from_id"], unique=False)
    op.create_table(
        "hospitality",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("value_ore", sa.BigInteger(), nullable=False),
        sa.Column("offered_on", sa.Date(), nullable=False),
        sa.Column("policy_note", sa.String(length=500), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value_ore >= 0", name=op.f("ck_hospitality_value_not_negative")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_hospitality_by_id_user")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_hospitality_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hospitality")),
    )
    op.create_index(op.f("ix_hospitality_person_id"), "hospitality", ["person_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "rep",
                "account_manager",
                "founder",
                "admin",
                "viewer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("nonce", sa.String(length=40), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["user.id"], name=op.f("fk_invitation_invited_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
    )
    op.create_index(op.f("ix_invitation_email"), "invitation", ["email"], unique=False)
    op.create_index(
        "uq_invitation_waiting",
        "invitation",
        ["email"],
        unique=True,
        sqlite_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL AND email <> ''"),
        postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL AND email <> ''"),
    )
    op.create_table(
        "kept_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_kept_words_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_words")),
    )
    op.create_table(
        "law_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["user.id"], name=op.f("fk_law_check_checked_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_check")),
        sa.UniqueConstraint("day", name=op.f("uq_law_check_day")),
    )
    op.create_index(
        op.f("ix_law_check_checked_by_id"), "law_check", ["checked_by_id"], unique=False
    )
    op.create_table(
        "law_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "key",
            sa.Enum(
                "eu_threshold",
                "direct_award",
                "small_lot",
                "documented_above",
                "direct_notice_from",
                "fee_least",
                "fee_most",
                "small_lots_share",
                "change_small",
                "change_added_order",
                "change_unforeseen",
                "fee_share",
                "months_counted",
                "short_lease",
                "framework",
                "open_tender",
                "open_electronic",
                "open_prior_notice",
                "open_urgent",
                "application",
                "application_urgent",
                "invited_tender",
                "invited_electronic",
                "invited_prior_notice",
                "invited_urgent",
                "invited_not_agreed",
                "prior_notice_least",
                "prior_notice_most",
                "documents_add",
                "dis_application",
                "dis_application_floor",
                "dis_tender",
                "dis_qualification",
                "dis_qualification_long",
                "dis_declaration",
                "concession_first",
                "concession_first_electronic",
                "concession_tender",
                "concession_tender_electronic",
                "answers",
                "answers_urgent",
                "answers_national",
                "ask_example",
                "standstill_electronic",
                "standstill_other",
                "standstill_notice",
                "cancel_electronic",
                "cancel_other",
                "new_facts",
                "after_ruling",
                "validity",
                "validity_cut",
                "damages",
                "fee_decision",
                "award_notice",
                "award_notice_national",
                "award_notice_direct",
                "documentation",
                "documentation_national",
                "documentation_direct",
                "reasons",
                "reasons_national",
                "kept",
                "refusal_appeal",
                name="key",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "law",
            sa.Enum(
                "LOU",
                "LUF",
                "LUFS",
                "LUK",
                "FL",
                name="law",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("authority", sa.String(length=20), nullable=False),
        sa.Column("objects", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("euro", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "confidence",
            sa.Enum(
                "confirmed",
                "assumed",
                "eur_confirmed_sek_derived",
                "derived",
                "unconfirmed",
                name="confidence",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value > 0", name=op.f("ck_law_value_positive")),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["user.id"], name=op.f("fk_law_value_changed_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_value")),
        sa.UniqueConstraint(
            "key",
            "law",
            "authority",
            "objects",
            "valid_from",
            "version",
            name=op.f("uq_law_value_key"),
        ),
    )
    op.create_index(
        op.f("ix_law_value_changed_by_id"), "law_value", ["changed_by_id"], unique=False
    )
    op.create_table(
        "lead_time",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "route",
            sa.Enum(
                "undecided",
                "unit_purchase",
                "direct_award",
                "call_off",
                "renewed_competition",
                "purchasing_body",
                "below_threshold",
                "open",
                "selective",
                "negotiated",
                "negotiated_unadvertised",
                "competitive_dialogue",
                "innovation_partnership",
                "dynamic_system",
                "choice_system",
                "option",
                name="route",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "stage",
            sa.Enum(
                "needs",
                "dialogue",
                "specification",
                "decision",
                "market",
                "application",
                "tender",
                "negotiation",
                "evaluation",
                "award",
                "standstill",
                "signing",
                "development",
                "rollout",
                "in_use",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("short", sa.Integer(), nullable=False),
        sa.Column("usual", sa.Integer(), nullable=False),
        sa.Column("long", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "0 <= short AND short <= usual AND usual <= long AND long <= 3660",
            name=op.f("ck_lead_time_order"),
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["user.id"], name=op.f("fk_lead_time_changed_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_time")),
        sa.UniqueConstraint("route", "stage", "version", name=op.f("uq_lead_time_route")),
    )
    op.create_index(
        op.f("ix_lead_time_changed_by_id"), "lead_time", ["changed_by_id"], unique=False
    )
    op.create_table(
        "login_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=300), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_login_session_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("key", name=op.f("uq_login_session_key")),
    )
    op.create_index(op.f("ix_login_session_user_id"), "login_session", ["user_id"], unique=False)
    op.create_table(
        "merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "organisation",
                "person",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "duplicate",
                "taken_over",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("gone_title", sa.String(length=300), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kept_id <> gone_id", name=op.f("ck_merge_two")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_merge_made_by_id_user")),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["user.id"], name=op.f("fk_merge_undone_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index("ix_merge_gone", "merge", ["kind", "gone_id"], unique=False)
    op.create_index("ix_merge_kept", "merge", ["kind", "kept_id"], unique=False)
    op.create_table(
        "notice_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_notice_import_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_import")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "municipality",
                "region",
                "authority",
                "university",
                "association",
                "company",
                "principal",
                "committee",
                "department",
                "unit",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "unit_kind",
            sa.Enum(
                "school",
                "preschool",
                "upper_secondary",
                "adult_education",
                "library",
                "health_centre",
                "hospital",
                "care_home",
                "social_services",
                "finance",
                "office",
                "other",
                name="unit_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_full", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("short_name", sa.String(length=60), nullable=False),
        sa.Column(
            "name_sort",
            sa.String(length=300).with_variant(sa.String(length=300, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("body_id", sa.Integer(), nullable=True),
        sa.Column(
            "path",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("org_number", sa.String(length=10), nullable=True),
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("county_code", sa.String(length=2), nullable=True),
        sa.Column("county_name", sa.String(length=60), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("population_year", sa.Integer(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("skr_group", sa.String(length=4), nullable=False),
        sa.Column("web_domain", sa.String(length=120), nullable=False),
        sa.Column("email_domain", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_region_too", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("source_date", sa.Date(), nullable=True),
        sa.Column("local_fields", sa.JSON(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closing_on", sa.Date(), nullable=True),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'unit') = (unit_kind IS NOT NULL)",
            name=op.f("ck_organisation_unit_kind_for_units_only"),
        ),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_organisation_not_into_itself")),
        sa.CheckConstraint(
            "parent_id IS NULL OR parent_id <> id", name=op.f("ck_organisation_not_own_parent")
        ),
        sa.CheckConstraint("successor_id <> id", name=op.f("ck_organisation_not_own_successor")),
        sa.ForeignKeyConstraint(
            ["body_id"], ["organisation.id"], name=op.f("fk_organisation_body_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_merged_into_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_organisation_owner_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_successor_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("kind", "code", name="uq_organisation_kind_code"),
        sa.UniqueConstraint("org_number", name=op.f("uq_organisation_org_number")),
    )
    op.create_index(op.f("ix_organisation_body_id"), "organisation", ["body_id"], unique=False)
    op.create_index(
        "ix_organisation_closing",
        "organisation",
        ["closing_on"],
        unique=False,
        sqlite_where=sa.text("closing_on IS NOT NULL"),
        postgresql_where=sa.text("closing_on IS NOT NULL"),
    )
    op.create_index("ix_organisation_county", "organisation", ["kind", "county_code"], unique=False)
    op.create_index("ix_organisation_email_domain", "organisation", ["email_domain"], unique=False)
    op.create_index(
        op.f("ix_organisation_merged_into_id"), "organisation", ["merged_into_id"], unique=False
    )
    op.create_index(op.f("ix_organisation_name_sort"), "organisation", ["name_sort"], unique=False)
    op.create_index(
        "ix_organisation_open", "organisation", ["closed_on", "parent_id"], unique=False
    )
    op.create_index(op.f("ix_organisation_owner_id"), "organisation", ["owner_id"], unique=False)
    op.create_index(op.f("ix_organisation_parent_id"), "organisation", ["parent_id"], unique=False)
    op.create_index(op.f("ix_organisation_path"), "organisation", ["path"], unique=False)
    op.create_index("ix_organisation_web_domain", "organisation", ["web_domain"], unique=False)
    op.create_table(
        "own_rule_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "on",
                "off",
                "ended",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["user.id"], name=op.f("fk_own_rule_version_changed_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["own_rule.id"], name=op.f("fk_own_rule_version_rule_id_own_rule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_rule_version")),
        sa.UniqueConstraint("rule_id", "version", name=op.f("uq_own_rule_version_rule_id")),
    )
    op.create_table(
        "pair_verdict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "organisation",
                "person",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "others",
                "later",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(verdict = 'later') = (until IS NOT NULL)", name=op.f("ck_pair_verdict_later_until")
        ),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_pair_verdict_order")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_pair_verdict_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_verdict")),
        sa.UniqueConstraint("kind", "first_id", "second_id", name=op.f("uq_pair_verdict_kind")),
    )
    op.create_table(
        "phase_advice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "phase",
            sa.Enum(
                "preparation",
                "directive",
                "door",
                "investment",
                "politics",
                "decision",
                "reconciliation",
                "internal_budget",
                "appropriation",
                "year_end",
                "year_start",
                "follow_up",
                "between",
                "unknown",
                name="phase",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text_sv", sa.String(length=200), nullable=False),
        sa.Column("text_en", sa.String(length=200), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["user.id"], name=op.f("fk_phase_advice_changed_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phase_advice")),
        sa.UniqueConstraint("phase", "version", name=op.f("uq_phase_advice_phase")),
    )
    op.create_table(
        "price_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(published_at IS NULL) = (valid_from IS NULL)",
            name=op.f("ck_price_list_published_from_a_day"),
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["user.id"], name=op.f("fk_price_list_published_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list")),
        sa.UniqueConstraint("number", name=op.f("uq_price_list_number")),
    )
    op.create_index(
        op.f("ix_price_list_published_by_id"), "price_list", ["published_by_id"], unique=False
    )
    op.create_index(op.f("ix_price_list_valid_from"), "price_list", ["valid_from"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_recovery_code_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_user_id"), "recovery_code", ["user_id"], unique=False)
    op.create_table(
        "removal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_removal_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removal")),
    )
    op.create_table(
        "rule_setting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_key", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("offset_months", sa.Integer(), nullable=False),
        sa.Column("offset_days", sa.Integer(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["user.id"], name=op.f("fk_rule_setting_changed_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_setting")),
        sa.UniqueConstraint("rule_key", "version", name=op.f("uq_rule_setting_rule_key")),
    )
    op.create_table(
        "school_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dry_run", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_school_file_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_file")),
    )
    op.create_table(
        "stand_in",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("stand_in_id", sa.Integer(), nullable=True),
        sa.Column("away_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stand_in_id"], ["user.id"], name=op.f("fk_stand_in_stand_in_id_user")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_stand_in_user_id_user")),
        sa.PrimaryKeyConstraint("user_id", "first", name=op.f("pk_stand_in")),
    )
    op.create_table(
        "trial_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_trial_source_product_id_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial_source")),
        sa.UniqueConstraint("key", name=op.f("uq_trial_source_key")),
        sa.UniqueConstraint("name", name=op.f("uq_trial_source_name")),
    )
    op.create_index(
        op.f("ix_trial_source_product_id"), "trial_source", ["product_id"], unique=False
    )
    op.create_table(
        "account_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "user",
                "champion",
                "coach",
                "budget_owner",
                "decision_maker",
                "procurement_officer",
                "it",
                "data_protection",
                "support_function",
                "union",
                "sceptic",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_account_role_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_account_role_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_role")),
        sa.UniqueConstraint(
            "organisation_id",
            "person_id",
            "role",
            "started_on",
            name=op.f("uq_account_role_organisation_id"),
        ),
    )
    op.create_index(
        op.f("ix_account_role_organisation_id"), "account_role", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_account_role_person_id"), "account_role", ["person_id"], unique=False)
    op.create_table(
        "body_plan",
        sa.Column("body_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_of", sa.String(length=64), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("stands_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"],
            ["organisation.id"],
            name=op.f("fk_body_plan_body_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("body_id", name=op.f("pk_body_plan")),
    )
    op.create_table(
        "budget_confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("budget_year", sa.Integer(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "budget_year BETWEEN 2000 AND 2200", name=op.f("ck_budget_confirmation_budget_year")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"],
            ["user.id"],
            name=op.f("fk_budget_confirmation_confirmed_by_id_user"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_budget_confirmation_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_confirmation")),
        sa.UniqueConstraint("organisation_id", "budget_year", name="uq_budget_confirmation_year"),
    )
    op.create_index(
        "ix_budget_confirmation_due",
        "budget_confirmation",
        ["budget_year", "confirmed_on"],
        unique=False,
    )
    op.create_table(
        "budget_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("phase_key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("start_month", sa.Integer(), nullable=False),
        sa.Column("start_day", sa.Integer(), nullable=False),
        sa.Column("end_month", sa.Integer(), nullable=False),
        sa.Column("end_day", sa.Integer(), nullable=False),
        sa.Column("year_offset", sa.Integer(), nullable=True),
        sa.Column("budget_year", sa.Integer(), nullable=True),
        sa.Column(
            "certainty",
            sa.Enum(
                "law",
                "published",
                "confirmed",
                "reported",
                "typical",
                "guessed",
                name="certainty",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source_url", sa.String(length=1000), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "phase_key <> '' OR name <> ''", name=op.f("ck_budget_event_phase_or_name")
        ),
        sa.CheckConstraint(
            "start_month BETWEEN 1 AND 12 AND end_month BETWEEN 1 AND 12 AND start_day BETWEEN 1 AND 31 AND end_day BETWEEN 1 AND 31",
            name=op.f("ck_budget_event_month_and_day"),
        ),
        sa.CheckConstraint(
            "year_offset BETWEEN -3 AND 2", name=op.f("ck_budget_event_year_offset")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_budget_event_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_event")),
    )
    op.create_index(
        op.f("ix_budget_event_organisation_id"), "budget_event", ["organisation_id"], unique=False
    )
    op.create_index(
        "uq_budget_event_every_year",
        "budget_event",
        ["organisation_id", "phase_key", "name"],
        unique=True,
        sqlite_where=sa.text("budget_year IS NULL"),
        postgresql_where=sa.text("budget_year IS NULL"),
    )
    op.create_index(
        "uq_budget_event_one_year",
        "budget_event",
        ["organisation_id", "phase_key", "name", "budget_year"],
        unique=True,
        sqlite_where=sa.text("budget_year IS NOT NULL"),
        postgresql_where=sa.text("budget_year IS NOT NULL"),
    )
    op.create_table(
        "budget_practice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "june",
                "september",
                "october",
                "november",
                "december",
                "state",
                "university",
                "unknown",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("election_month", sa.Integer(), nullable=True),
        sa.Column(
            "certainty",
            sa.Enum(
                "law",
                "published",
                "confirmed",
                "reported",
                "typical",
                "guessed",
                name="certainty",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source_url", sa.String(length=1000), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("deficit_until", sa.Integer(), nullable=True),
        sa.Column("copied_from_id", sa.Integer(), nullable=True),
        sa.Column("copied_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(copied_from_id IS NULL) = (copied_on IS NULL)", name=op.f("ck_budget_practice_copied")
        ),
        sa.CheckConstraint(
            "deficit_until BETWEEN 2000 AND 2100", name=op.f("ck_budget_practice_deficit_until")
        ),
        sa.CheckConstraint(
            "election_month BETWEEN 1 AND 12", name=op.f("ck_budget_practice_election_month")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["user.id"], name=op.f("fk_budget_practice_checked_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["copied_from_id"],
            ["organisation.id"],
            name=op.f("fk_budget_practice_copied_from_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_budget_practice_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_practice")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_budget_practice_organisation_id")),
    )
    op.create_table(
        "case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "waiting",
                "closed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "adoption",
            sa.Enum(
                "curious",
                "colleagues",
                "unit_pilot",
                "several_units",
                "budgeted_need",
                "procurement",
                "wide_use",
                name="adoption",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "procurement",
            sa.Enum(
                "none",
                "undecided",
                "direct_award",
                "call_off",
                "early_dialogue",
                "preparing",
                "published",
                "evaluation",
                "standstill",
                "under_review",
                "signed",
                name="procurement",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column(
            "wait_reason",
            sa.Enum(
                "disagreement",
                "no_budget",
                "awaiting_decision",
                "reorganisation",
                "election",
                "spending_freeze",
                "other_priority",
                "champion_away",
                "procurement_running",
                "no_answer",
                "their_request",
                "other",
                name="wait_reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "wait_event",
            sa.Enum(
                "council_decided",
                "council_met",
                "door_opens",
                "internal_budget",
                "budget_year_starts",
                "term_starts",
                "new_council",
                "new_committees",
                name="wait_event",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("wait_until", sa.Date(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "won",
                "lost",
                "cancelled_by_buyer",
                "no_decision",
                "bought_otherwise",
                "declined_by_us",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("outcome_reason", sa.String(length=60), nullable=False),
        sa.Column("outcome_note", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("value_ore", sa.BigInteger(), nullable=True),
        sa.Column("expected_first", sa.Date(), nullable=True),
        sa.Column("expected_last", sa.Date(), nullable=True),
        sa.Column(
            "expected_precision",
            sa.Enum(
                "day",
                "week",
                "month",
                "quarter",
                "half_year",
                "budget_year",
                name="expected_precision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("next_step", sa.String(length=200), nullable=False),
        sa.Column("next_step_on", sa.Date(), nullable=True),
        sa.Column("handles_personal_data", sa.Boolean(), nullable=True),
        sa.Column(
            "pub_status",
            sa.Enum(
                "none",
                "asked",
                "draft",
                "signed",
                "not_needed",
                name="pub_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("has_framework", sa.Boolean(), nullable=False),
        sa.Column("price_shared_on", sa.Date(), nullable=True),
        sa.Column("contract_ends_on", sa.Date(), nullable=True),
        sa.Column("contract_source", sa.String(length=300), nullable=False),
        sa.Column("contract_kept", sa.Boolean(), nullable=False),
        sa.Column("reminder_on", sa.Date(), nullable=True),
        sa.Column("ask_open_on", sa.Date(), nullable=True),
        sa.Column("unanswered_asks", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (outcome IS NOT NULL AND closed_on IS NOT NULL)",
            name=op.f("ck_case_closed_has_an_outcome"),
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (wait_reason IS NOT NULL)",
            name=op.f("ck_case_waiting_has_a_reason"),
        ),
        sa.CheckConstraint(
            "state <> 'waiting' OR wait_until IS NOT NULL OR wait_event IS NOT NULL",
            name=op.f("ck_case_waiting_has_a_wake"),
        ),
        sa.CheckConstraint(
            "(expected_first IS NULL) = (expected_precision IS NULL) AND (expected_first IS NULL) = (expected_last IS NULL)",
            name=op.f("ck_case_expected_whole"),
        ),
        sa.CheckConstraint("expected_first <= expected_last", name=op.f("ck_case_expected_order")),
        sa.CheckConstraint("unanswered_asks >= 0", name=op.f("ck_case_unanswered_asks")),
        sa.CheckConstraint("value_ore >= 0", name=op.f("ck_case_value_not_negative")),
        sa.ForeignKeyConstraint(
            ["body_id"], ["organisation.id"], name=op.f("fk_case_body_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_case_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_case_owner_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
    )
    op.create_index("ix_case_body_state", "case", ["body_id", "state"], unique=False)
    op.create_index(op.f("ix_case_organisation_id"), "case", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_case_owner_id"), "case", ["owner_id"], unique=False)
    op.create_index("ix_case_state_owner", "case", ["state", "owner_id"], unique=False)
    op.create_table(
        "council_meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("decides", sa.Integer(), nullable=True),
        sa.Column(
            "certainty",
            sa.Enum(
                "law",
                "published",
                "confirmed",
                "reported",
                "typical",
                "guessed",
                name="certainty",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source_url", sa.String(length=1000), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "decides BETWEEN 2000 AND 2200", name=op.f("ck_council_meeting_decides")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_council_meeting_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_meeting")),
        sa.UniqueConstraint("organisation_id", "held_on", name="uq_council_meeting_day"),
    )
    op.create_index(
        "uq_council_meeting_decides",
        "council_meeting",
        ["organisation_id", "decides"],
        unique=True,
        sqlite_where=sa.text("decides IS NOT NULL"),
        postgresql_where=sa.text("decides IS NOT NULL"),
    )
    op.create_table(
        "domain_pattern",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(length=120), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_domain_pattern_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain_pattern")),
        sa.UniqueConstraint("domain", "organisation_id", name=op.f("uq_domain_pattern_domain")),
    )
    op.create_index(op.f("ix_domain_pattern_domain"), "domain_pattern", ["domain"], unique=False)
    op.create_index(
        op.f("ix_domain_pattern_organisation_id"),
        "domain_pattern",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "gate_time",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=True),
        sa.Column(
            "step",
            sa.Enum(
                "security_protection",
                "review",
                "processing_agreement",
                "classification",
                "impact_assessment",
                "secrecy",
                "accessibility",
                "integration",
                "archive",
                "union",
                "procurement",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("weeks_from", sa.Integer(), nullable=False),
        sa.Column("weeks_to", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 < weeks_from AND weeks_from <= weeks_to", name=op.f("ck_gate_time_span")
        ),
        sa.ForeignKeyConstraint(
            ["body_id"], ["organisation.id"], name=op.f("fk_gate_time_body_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_time")),
    )
    op.create_index(
        "uq_gate_time_all",
        "gate_time",
        ["step"],
        unique=True,
        sqlite_where=sa.text("body_id IS NULL"),
        postgresql_where=sa.text("body_id IS NULL"),
    )
    op.create_index(
        "uq_gate_time_body",
        "gate_time",
        ["body_id", "step"],
        unique=True,
        sqlite_where=sa.text("body_id IS NOT NULL"),
        postgresql_where=sa.text("body_id IS NOT NULL"),
    )
    op.create_table(
        "go_criterion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.CheckConstraint("0 <= weight AND weight <= 100", name=op.f("ck_go_criterion_weight")),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["go_sheet.id"], name=op.f("fk_go_criterion_sheet_id_go_sheet")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_go_criterion")),
        sa.UniqueConstraint("sheet_id", "position", name=op.f("uq_go_criterion_sheet_id")),
    )
    op.create_table(
        "hand_over_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hand_over_id", sa.Integer(), nullable=False),
        sa.Column(
            "thing",
            sa.Enum(
                "account",
                "case",
                "reminder",
                "inquiry",
                "tender",
                "records_request",
                "answer",
                name="thing",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=True),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"],
            ["organisation.id"],
            name=op.f("fk_hand_over_item_body_id_organisation"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["from_id"], ["user.id"], name=op.f("fk_hand_over_item_from_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["hand_over_id"],
            ["hand_over.id"],
            name=op.f("fk_hand_over_item_hand_over_id_hand_over"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["to_id"], ["user.id"], name=op.f("fk_hand_over_item_to_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over_item")),
        sa.UniqueConstraint(
            "hand_over_id", "thing", "number", name=op.f("uq_hand_over_item_hand_over_id")
        ),
    )
    op.create_table(
        "inquiry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("typed", sa.String(length=300), nullable=False),
        sa.Column("caller", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("trigger_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("body_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("told_by_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "sorting",
            sa.Enum(
                "to_sort",
                "sorted",
                "let_go",
                name="sorting",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("let_go_reason", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["user.id"], name=op.f("fk_inquiry_answered_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["body_id"], ["organisation.id"], name=op.f("fk_inquiry_body_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["source.id"], name=op.f("fk_inquiry_channel_id_source")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_inquiry_created_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_inquiry_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_inquiry_owner_id_user")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_inquiry_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["told_by_id"], ["person.id"], name=op.f("fk_inquiry_told_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["trigger_id"], ["source.id"], name=op.f("fk_inquiry_trigger_id_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
    )
    op.create_index(
        "ix_inquiry_body_at",
        "inquiry",
        ["body_id", sa.literal_column("received_at DESC")],
        unique=False,
    )
    op.create_index(op.f("ix_inquiry_channel_id"), "inquiry", ["channel_id"], unique=False)
    op.create_index(
        op.f("ix_inquiry_organisation_id"), "inquiry", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_inquiry_owner_id"), "inquiry", ["owner_id"], unique=False)
    op.create_index(op.f("ix_inquiry_person_id"), "inquiry", ["person_id"], unique=False)
    op.create_index(
        "ix_inquiry_received",
        "inquiry",
        [sa.literal_column("received_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_inquiry_to_sort",
        "inquiry",
        ["received_at", "owner_id"],
        unique=False,
        sqlite_where=sa.text("sorting = 'to_sort'"),
        postgresql_where=sa.text("sorting = 'to_sort'"),
    )
    op.create_index(op.f("ix_inquiry_told_by_id"), "inquiry", ["told_by_id"], unique=False)
    op.create_index(op.f("ix_inquiry_trigger_id"), "inquiry", ["trigger_id"], unique=False)
    op.create_index(
        "ix_inquiry_unanswered",
        "inquiry",
        ["received_at", "owner_id"],
        unique=False,
        sqlite_where=sa.text("answered_at IS NULL AND sorting <> 'let_go'"),
        postgresql_where=sa.text("answered_at IS NULL AND sorting <> 'let_go'"),
    )
    op.create_table(
        "merge_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("merge_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "set",
                "drop",
                "add",
                "tree",
                name="act",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("table", sa.String(length=60), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merge_id"],
            ["merge.id"],
            name=op.f("fk_merge_step_merge_id_merge"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_step")),
        sa.UniqueConstraint("merge_id", "place", name=op.f("uq_merge_step_merge_id")),
    )
    op.create_table(
        "organisation_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_organisation_alias_organisation_id_organisation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_alias")),
        sa.UniqueConstraint(
            "organisation_id", "name", name=op.f("uq_organisation_alias_organisation_id")
        ),
    )
    op.create_index(
        op.f("ix_organisation_alias_organisation_id"),
        "organisation_alias",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "freeze",
                "quiet",
                "winter_break",
                "easter_break",
                "autumn_break",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("source_url", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name=op.f("ck_pause_order")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_pause_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    op.create_index(op.f("ix_pause_organisation_id"), "pause", ["organisation_id"], unique=False)
    op.create_table(
        "person_relation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "reports_to",
                "influences",
                "conflict",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["body_id"], ["organisation.id"], name=op.f("fk_person_relation_body_id_organisation")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_person_relation_by_id_user")),
        sa.ForeignKeyConstraint(
            ["from_id"],
            ["person.id"],
            name=op.f("fk_person_relation_from_id_person"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["to_id"],
            ["person.id"],
            name=op.f("fk_person_relation_to_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_relation")),
    )
    op.create_index(
        op.f("ix_person_relation_body_id"), "person_relation", ["body_id"], unique=False
    )
    op.create_index(
        op.f("ix_person_relation_from_id"), "person_relation", ["from_id"], unique=False
    )
    op.create_index(op.f("ix_person_relation_to_id"), "person_relation", ["to_id"], unique=False)
    op.create_index(
        "uq_person_relation_stands",
        "person_relation",
        ["from_id", "to_id", "kind"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column(
            "function",
            sa.Enum(
                "users",
                "digitalisation",
                "unit_head",
                "management",
                "administration",
                "economy",
                "it",
                "system_owner",
                "information_security",
                "data_protection",
                "archive",
                "accessibility",
                "procurement",
                "union",
                "politics",
                name="function",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("leaving_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "ended_on IS NULL OR leaving_on IS NULL", name=op.f("ck_post_left_or_leaving")
        ),
        sa.CheckConstraint(
            "started_on IS NULL OR ended_on IS NULL OR started_on <= ended_on",
            name=op.f("ck_post_order"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_post_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_post_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    op.create_index(
        "ix_post_leaving",
        "post",
        ["leaving_on"],
        unique=False,
        sqlite_where=sa.text("leaving_on IS NOT NULL"),
        postgresql_where=sa.text("leaving_on IS NOT NULL"),
    )
    op.create_index(op.f("ix_post_organisation_id"), "post", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_post_person_id"), "post", ["person_id"], unique=False)
    op.create_index(
        "uq_post_open",
        "post",
        ["person_id", "organisation_id", "title"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "price_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("price_list_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "per_user",
                "per_unit",
                "inhabitants",
                "whole_body",
                "once",
                "once_per_unit",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_ore", sa.BigInteger(), nullable=False),
        sa.Column("tiers", sa.JSON(), nullable=False),
        sa.Column("vat_percent", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount_ore >= 0", name=op.f("ck_price_line_amount_not_negative")),
        sa.CheckConstraint("vat_percent IN (0, 6, 12, 25)", name=op.f("ck_price_line_vat_rate")),
        sa.ForeignKeyConstraint(
            ["price_list_id"],
            ["price_list.id"],
            name=op.f("fk_price_line_price_list_id_price_list"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_price_line_product_id_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_line")),
        sa.UniqueConstraint(
            "price_list_id", "product_id", "kind", "name", name=op.f("uq_price_line_price_list_id")
        ),
    )
    op.create_index(op.f("ix_price_line_product_id"), "price_line", ["product_id"], unique=False)
    op.create_table(
        "procurement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("notice_url", sa.String(length=1000), nullable=False),
        sa.Column("cpv", sa.String(length=10), nullable=False),
        sa.Column("value_ore", sa.BigInteger(), nullable=True),
        sa.Column("questions_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requests_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenders_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tenders_valid_until", sa.Date(), nullable=True),
        sa.Column(
            "law",
            sa.Enum(
                "LOU",
                "LUF",
                "LUFS",
                "LUK",
                "FL",
                name="law",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "object_kind",
            sa.Enum(
                "goods_services",
                "works",
                "social_special_services",
                "welfare_services_annex_2a",
                "concessions",
                name="object_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("electronic", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column(
            "award_channel",
            sa.Enum(
                "electronic",
                "other",
                name="award_channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("standstill_until", sa.Date(), nullable=True),
        sa.Column("prior_notice_on", sa.Date(), nullable=True),
        sa.Column("documents_online", sa.Boolean(), nullable=False),
        sa.Column("tender_agreed_on", sa.Date(), nullable=True),
        sa.Column("no_agreement", sa.Boolean(), nullable=False),
        sa.Column("informed_on", sa.Date(), nullable=True),
        sa.Column("under_review_since", sa.Date(), nullable=True),
        sa.Column(
            "review_court",
            sa.Enum(
                "forvaltningsratt",
                "kammarratt",
                "hfd",
                name="review_court",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ruled_on", sa.Date(), nullable=True),
        sa.Column("review_interim", sa.Boolean(), nullable=False),
        sa.Column("review_lifted", sa.Boolean(), nullable=False),
        sa.Column("ruling_waived", sa.Boolean(), nullable=False),
        sa.Column("ruling_sent_on", sa.Date(), nullable=True),
        sa.Column("not_signed_on", sa.Date(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("plans_laid", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "NOT no_agreement OR tender_agreed_on IS NULL",
            name=op.f("ck_procurement_agreed_or_could_not"),
        ),
        sa.CheckConstraint(
            "NOT ruling_waived OR ruled_on IS NOT NULL",
            name=op.f("ck_procurement_waived_by_a_ruling"),
        ),
        sa.CheckConstraint(
            "questions_due_at IS NULL OR tenders_due_at IS NULL OR questions_due_at <= tenders_due_at",
            name=op.f("ck_procurement_questions_before_tenders"),
        ),
        sa.CheckConstraint(
            "ruled_on <= ruling_sent_on", name=op.f("ck_procurement_ruled_before_sent")
        ),
        sa.CheckConstraint(
            "ruling_sent_on IS NULL OR ruled_on IS NOT NULL",
            name=op.f("ck_procurement_sent_is_of_a_ruling"),
        ),
        sa.CheckConstraint("value_ore >= 0", name=op.f("ck_procurement_value_not_negative")),
        sa.ForeignKeyConstraint(
            ["body_id"], ["organisation.id"], name=op.f("fk_procurement_body_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_procurement_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procurement")),
    )
    op.create_index(op.f("ix_procurement_body_id"), "procurement", ["body_id"], unique=False)
    op.create_index(
        op.f("ix_procurement_organisation_id"), "procurement", ["organisation_id"], unique=False
    )
    op.create_table(
        "reference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("consented_on", sa.Date(), nullable=False),
        sa.Column("a_year", sa.Integer(), nullable=False),
        sa.Column("uses", sa.String(length=300), nullable=False),
        sa.Column("systems", sa.String(length=300), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("a_year > 0", name=op.f("ck_reference_a_year")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_reference_by_id_user")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_reference_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_reference_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference")),
    )
    op.create_index(
        op.f("ix_reference_organisation_id"), "reference", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_reference_person_id"), "reference", ["person_id"], unique=False)
    op.create_index(
        "uq_reference_stands",
        "reference",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_on IS NULL"),
        postgresql_where=sa.text("withdrawn_on IS NULL"),
    )
    op.create_table(
        "requirement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("like_key", sa.String(length=300), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "must",
                "should",
                "question",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "area",
            sa.Enum(
                "function",
                "integration",
                "data_protection",
                "security",
                "accessibility",
                "operations",
                "support",
                "price",
                "training",
                name="area",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "wish",
                "confirmed",
                "in_draft",
                "in_tender",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_requirement_answer_id_answer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement")),
    )
    op.create_index(op.f("ix_requirement_answer_id"), "requirement", ["answer_id"], unique=False)
    op.create_table(
        "shared_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "reminders",
                "contracts",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_shared_feed_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_shared_feed_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_feed")),
    )
    op.create_index(
        op.f("ix_shared_feed_organisation_id"), "shared_feed", ["organisation_id"], unique=False
    )
    op.create_index(
        "uq_shared_feed_account",
        "shared_feed",
        ["user_id", "organisation_id"],
        unique=True,
        sqlite_where=sa.text("organisation_id IS NOT NULL AND revoked_at IS NULL"),
        postgresql_where=sa.text("organisation_id IS NOT NULL AND revoked_at IS NULL"),
    )
    op.create_index(
        "uq_shared_feed_team",
        "shared_feed",
        ["user_id", "kind"],
        unique=True,
        sqlite_where=sa.text("organisation_id IS NULL AND revoked_at IS NULL"),
        postgresql_where=sa.text("organisation_id IS NULL AND revoked_at IS NULL"),
    )
    op.create_table(
        "stage_length",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "route",
            sa.Enum(
                "undecided",
                "unit_purchase",
                "direct_award",
                "call_off",
                "renewed_competition",
                "purchasing_body",
                "below_threshold",
                "open",
                "selective",
                "negotiated",
                "negotiated_unadvertised",
                "competitive_dialogue",
                "innovation_partnership",
                "dynamic_system",
                "choice_system",
                "option",
                name="route",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "stage",
            sa.Enum(
                "needs",
                "dialogue",
                "specification",
                "decision",
                "market",
                "application",
                "tender",
                "negotiation",
                "evaluation",
                "award",
                "standstill",
                "signing",
                "development",
                "rollout",
                "in_use",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("short", sa.Integer(), nullable=False),
        sa.Column("usual", sa.Integer(), nullable=False),
        sa.Column("long", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= short AND short <= usual AND usual <= long AND long <= 3660",
            name=op.f("ck_stage_length_order"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_stage_length_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_length")),
        sa.UniqueConstraint(
            "organisation_id", "route", "stage", name=op.f("uq_stage_length_organisation_id")
        ),
    )
    op.create_table(
        "trial_message",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["trial_source.id"], name=op.f("fk_trial_message_source_id_trial_source")
        ),
        sa.PrimaryKeyConstraint("source_id", "message_id", name=op.f("pk_trial_message")),
    )
    op.create_index(op.f("ix_trial_message_at"), "trial_message", ["at"], unique=False)
    op.create_table(
        "trial_secret",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["trial_source.id"], name=op.f("fk_trial_secret_source_id_trial_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial_secret")),
        sa.UniqueConstraint("nonce", name=op.f("uq_trial_secret_nonce")),
    )
    op.create_index(op.f("ix_trial_secret_source_id"), "trial_secret", ["source_id"], unique=False)
    op.create_index(
        "uq_trial_secret_current",
        "trial_secret",
        ["source_id"],
        unique=True,
        sqlite_where=sa.text("ends_at IS NULL"),
        postgresql_where=sa.text("ends_at IS NULL"),
    )
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "call",
                "mail",
                "meeting",
                "note",
                "inquiry",
                "stage",
                "case",
                "reminder",
                "post",
                "contract",
                "procurement",
                "calendar",
                "champion",
                "account",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("inquiry_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["organisation.id"], name=op.f("fk_activity_body_id_organisation")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_activity_case_id_case")),
        sa.ForeignKeyConstraint(
            ["inquiry_id"], ["inquiry.id"], name=op.f("fk_activity_inquiry_id_inquiry")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_activity_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_activity_person_id_person")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_activity_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index(
        "ix_activity_body_at",
        "activity",
        ["body_id", sa.literal_column("at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_activity_case_at", "activity", ["case_id", sa.literal_column("at DESC")], unique=False
    )
    op.create_index(op.f("ix_activity_inquiry_id"), "activity", ["inquiry_id"], unique=False)
    op.create_index(
        "ix_activity_organisation_at",
        "activity",
        ["organisation_id", sa.literal_column("at DESC")],
        unique=False,
    )
    op.create_index(
        "ix_activity_person_at",
        "activity",
        ["person_id", sa.literal_column("at DESC")],
        unique=False,
    )
    op.create_table(
        "case_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "user",
                "champion",
                "coach",
                "budget_owner",
                "decision_maker",
                "procurement_officer",
                "it",
                "data_protection",
                "support_function",
                "union",
                "sceptic",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "ended_on IS NULL OR started_on <= ended_on", name=op.f("ck_case_person_order")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_person_case_id_case")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_case_person_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_person")),
        sa.UniqueConstraint(
            "case_id", "person_id", "role", "started_on", name=op.f("uq_case_person_case_id")
        ),
    )
    op.create_index(
        "ix_case_person_now",
        "case_person",
        ["case_id", "person_id", "role"],
        unique=False,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_index(op.f("ix_case_person_person_id"), "case_person", ["person_id"], unique=False)
    op.create_table(
        "case_pricing",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("users", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("units_all", sa.Integer(), nullable=False),
        sa.Column("inhabitants", sa.Integer(), nullable=True),
        sa.Column("term_years", sa.Integer(), nullable=False),
        sa.Column("option_years", sa.Integer(), nullable=False),
        sa.Column("with_services", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column(
            "chosen",
            sa.Enum(
                "one_user",
                "one_unit",
                "several_units",
                "whole_body",
                name="chosen",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "inhabitants >= 0", name=op.f("ck_case_pricing_inhabitants_not_negative")
        ),
        sa.CheckConstraint(
            "term_years >= 1 AND option_years >= 0", name=op.f("ck_case_pricing_years")
        ),
        sa.CheckConstraint(
            "users >= 1 AND units >= 1 AND units_all >= 1", name=op.f("ck_case_pricing_sizes")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_case_pricing_case_id_case")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_case_pricing_product_id_product")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_pricing")),
    )
    op.create_index(
        op.f("ix_case_pricing_product_id"), "case_pricing", ["product_id"], unique=False
    )
    op.create_table(
        "case_product",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_case_product_case_id_case")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_case_product_product_id_product")
        ),
        sa.PrimaryKeyConstraint("case_id", "product_id", name=op.f("pk_case_product")),
    )
    op.create_table(
        "case_unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.Column("value_ore", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("value_ore >= 0", name=op.f("ck_case_unit_value_not_negative")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_unit_case_id_case")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_case_unit_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_unit")),
        sa.UniqueConstraint("case_id", "organisation_id", name=op.f("uq_case_unit_case_id")),
    )
    op.create_index(
        "ix_case_unit_in_use",
        "case_unit",
        ["case_id", "organisation_id"],
        unique=False,
        sqlite_where=sa.text("in_use IS 1"),
        postgresql_where=sa.text("in_use IS true"),
    )
    op.create_index(
        op.f("ix_case_unit_organisation_id"), "case_unit", ["organisation_id"], unique=False
    )
    op.create_table(
        "comparison",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("procurement_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_comparison_case_id_case")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["user.id"], name=op.f("fk_comparison_made_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["procurement_id"],
            ["procurement.id"],
            name=op.f("fk_comparison_procurement_id_procurement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison")),
    )
    op.create_index(op.f("ix_comparison_case_id"), "comparison", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_comparison_procurement_id"), "comparison", ["procurement_id"], unique=False
    )
    op.create_table(
        "conflict_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (case_id IS NULL)", name=op.f("ck_conflict_note_one_subject")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_conflict_note_by_id_user")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_conflict_note_case_id_case")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_conflict_note_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_note")),
    )
    op.create_index(op.f("ix_conflict_note_case_id"), "conflict_note", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_conflict_note_person_id"), "conflict_note", ["person_id"], unique=False
    )
    op.create_table(
        "contract",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "own",
                "other",
                "framework",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("supplier", sa.String(length=300), nullable=False),
        sa.Column("supplier_number", sa.String(length=10), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column(
            "position",
            sa.Enum(
                "holder",
                "reseller",
                "outside",
                name="position",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("open_ended", sa.Boolean(), nullable=False),
        sa.Column("notice_months", sa.Integer(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_why", sa.String(length=300), nullable=False),
        sa.Column("runs_until", sa.Date(), nullable=True),
        sa.Column("value_ore", sa.BigInteger(), nullable=True),
        sa.Column("yearly_ore", sa.BigInteger(), nullable=True),
        sa.Column("cap_ore", sa.BigInteger(), nullable=True),
        sa.Column("used_ore", sa.BigInteger(), nullable=True),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("source_url", sa.String(length=1000), nullable=False),
        sa.Column(
            "certainty",
            sa.Enum(
                "law",
                "published",
                "confirmed",
                "reported",
                "typical",
                "guessed",
                name="certainty",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("renewal_case_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'framework') = (position IS NOT NULL)",
            name=op.f("ck_contract_position_of_a_framework"),
        ),
        sa.CheckConstraint("source <> ''", name=op.f("ck_contract_has_a_source")),
        sa.CheckConstraint("cap_ore >= 0", name=op.f("ck_contract_cap_not_negative")),
        sa.CheckConstraint(
            "ends_on IS NULL OR NOT open_ended", name=op.f("ck_contract_one_kind_of_end")
        ),
        sa.CheckConstraint(
            "notice_months BETWEEN 0 AND 60", name=op.f("ck_contract_notice_months")
        ),
        sa.CheckConstraint("signed_on <= ends_on", name=op.f("ck_contract_signed_before_it_ends")),
        sa.CheckConstraint(
            "starts_on <= ended_on", name=op.f("ck_contract_starts_before_it_is_ended")
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_contract_starts_before_it_ends")),
        sa.CheckConstraint("used_ore >= 0", name=op.f("ck_contract_used_not_negative")),
        sa.CheckConstraint(
            "used_ore IS NULL OR used_on IS NOT NULL", name=op.f("ck_contract_used_has_a_day")
        ),
        sa.CheckConstraint("value_ore >= 0", name=op.f("ck_contract_value_not_negative")),
        sa.CheckConstraint("yearly_ore >= 0", name=op.f("ck_contract_yearly_not_negative")),
        sa.ForeignKeyConstraint(
            ["body_id"], ["organisation.id"], name=op.f("fk_contract_body_id_organisation")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_contract_case_id_case")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_contract_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_contract_product_id_product")
        ),
        sa.ForeignKeyConstraint(
            ["renewal_case_id"], ["case.id"], name=op.f("fk_contract_renewal_case_id_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("case_id", name=op.f("uq_contract_case_id")),
        sa.UniqueConstraint("renewal_case_id", name=op.f("uq_contract_renewal_case_id")),
    )
    op.create_index(op.f("ix_contract_body_id"), "contract", ["body_id"], unique=False)
    op.create_index(
        op.f("ix_contract_organisation_id"), "contract", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_contract_product_id"), "contract", ["product_id"], unique=False)
    op.create_index(op.f("ix_contract_runs_until"), "contract", ["runs_until"], unique=False)
    op.create_table(
        "gate_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "occasion",
            sa.Enum(
                "requirements",
                "procurement",
                "several_units",
                "pilot",
                name="occasion",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "function",
            sa.Enum(
                "users",
                "digitalisation",
                "unit_head",
                "management",
                "administration",
                "economy",
                "it",
                "system_owner",
                "information_security",
                "data_protection",
                "archive",
                "accessibility",
                "procurement",
                "union",
                "politics",
                name="function",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "answer",
            sa.Enum(
                "task",
                "skipped",
                name="answer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "answer <> 'skipped' OR reason <> ''", name=op.f("ck_gate_answer_skip_has_a_reason")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_gate_answer_by_id_user")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_gate_answer_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_answer")),
        sa.UniqueConstraint("case_id", "occasion", "function", name=op.f("uq_gate_answer_case_id")),
    )
    op.create_table(
        "gate_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "security_protection",
                "review",
                "processing_agreement",
                "classification",
                "impact_assessment",
                "secrecy",
                "accessibility",
                "integration",
                "archive",
                "union",
                "procurement",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "owner",
            sa.Enum(
                "users",
                "digitalisation",
                "unit_head",
                "management",
                "administration",
                "economy",
                "it",
                "system_owner",
                "information_security",
                "data_protection",
                "archive",
                "accessibility",
                "procurement",
                "union",
                "politics",
                name="owner",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "not_begun",
                "asked",
                "under_way",
                "done",
                "not_needed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("begun_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_gate_step_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_step")),
        sa.UniqueConstraint("case_id", "step", name=op.f("uq_gate_step_case_id")),
    )
    op.create_table(
        "inquiry_case",
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_inquiry_case_case_id_case")
        ),
        sa.ForeignKeyConstraint(
            ["inquiry_id"], ["inquiry.id"], name=op.f("fk_inquiry_case_inquiry_id_inquiry")
        ),
        sa.PrimaryKeyConstraint("inquiry_id", "case_id", name=op.f("pk_inquiry_case")),
    )
    op.create_index(op.f("ix_inquiry_case_case_id"), "inquiry_case", ["case_id"], unique=False)
    op.create_table(
        "map_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "function",
            sa.Enum(
                "users",
                "digitalisation",
                "unit_head",
                "management",
                "administration",
                "economy",
                "it",
                "system_owner",
                "information_security",
                "data_protection",
                "archive",
                "accessibility",
                "procurement",
                "union",
                "politics",
                name="function",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column(
            "stance",
            sa.Enum(
                "for",
                "neutral",
                "doubtful",
                "against",
                "unknown",
                name="stance",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("question", sa.String(length=500), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "until_on IS NULL OR from_on <= until_on", name=op.f("ck_map_line_order")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_map_line_by_id_user")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_map_line_case_id_case")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_map_line_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_map_line")),
    )
    op.create_index(op.f("ix_map_line_case_id"), "map_line", ["case_id"], unique=False)
    op.create_index(op.f("ix_map_line_person_id"), "map_line", ["person_id"], unique=False)
    op.create_index(
        "uq_map_line_open",
        "map_line",
        ["case_id", "function", "who"],
        unique=True,
        sqlite_where=sa.text("until_on IS NULL AND person_id IS NULL"),
        postgresql_where=sa.text("until_on IS NULL AND person_id IS NULL"),
    )
    op.create_index(
        "uq_map_line_stands",
        "map_line",
        ["case_id", "function", "person_id"],
        unique=True,
        sqlite_where=sa.text("until_on IS NULL"),
        postgresql_where=sa.text("until_on IS NULL"),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=300), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "eforms",
                "ted_export",
                "ocds",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "profile",
                "consultation",
                "planning",
                "competition",
                "qualification",
                "direct_award",
                "result",
                "modification",
                "change",
                "completion",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "about",
            sa.Enum(
                "profile",
                "consultation",
                "planning",
                "competition",
                "qualification",
                "direct_award",
                "result",
                "modification",
                "change",
                "completion",
                "other",
                name="about",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("buyer", sa.String(length=300), nullable=False),
        sa.Column("buyer_number", sa.String(length=10), nullable=True),
        sa.Column("buyer_key", sa.String(length=300), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("body_id", sa.Integer(), nullable=True),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("procurement_id", sa.Integer(), nullable=True),
        sa.Column("publication_number", sa.String(length=40), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(organisation_id IS NULL) = (body_id IS NULL)",
            name=op.f("ck_notice_both_or_none_of_the_buyer"),
        ),
        sa.CheckConstraint(
            "NOT left_out OR body_id IS NULL", name=op.f("ck_notice_left_out_without_body")
        ),
        sa.ForeignKeyConstraint(
            ["body_id"], ["organisation.id"], name=op.f("fk_notice_body_id_organisation")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_notice_by_id_user")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_notice_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["procurement_id"],
            ["procurement.id"],
            name=op.f("fk_notice_procurement_id_procurement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("identity", name=op.f("uq_notice_identity")),
    )
    op.create_index(op.f("ix_notice_body_id"), "notice", ["body_id"], unique=False)
    op.create_index(op.f("ix_notice_buyer_key"), "notice", ["buyer_key"], unique=False)
    op.create_index(op.f("ix_notice_organisation_id"), "notice", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_notice_procurement_id"), "notice", ["procurement_id"], unique=False)
    op.create_index(op.f("ix_notice_sent_on"), "notice", ["sent_on"], unique=False)
    op.create_index(
        "ix_notice_unmatched",
        "notice",
        ["buyer_key"],
        unique=False,
        sqlite_where=sa.text("body_id IS NULL"),
        postgresql_where=sa.text("body_id IS NULL"),
    )
    op.create_table(
        "pilot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("evaluates", sa.Text(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("evaluated_on", sa.Date(), nullable=True),
        sa.Column("called_off_on", sa.Date(), nullable=True),
        sa.Column("called_off_why", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(evaluated_on IS NULL) = (result = '')", name=op.f("ck_pilot_evaluated_has_result")
        ),
        sa.CheckConstraint(
            "evaluated_on IS NULL OR called_off_on IS NULL", name=op.f("ck_pilot_one_end")
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_pilot_order")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_pilot_case_id_case")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_pilot_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot")),
    )
    op.create_index(op.f("ix_pilot_case_id"), "pilot", ["case_id"], unique=False)
    op.create_index(op.f("ix_pilot_organisation_id"), "pilot", ["organisation_id"], unique=False)
    op.create_table(
        "price_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("price_list_id", sa.Integer(), nullable=False),
        sa.Column("is_exact", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nonce", sa.String(length=40), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_price_sheet_case_id_case")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["user.id"], name=op.f("fk_price_sheet_made_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["price_list_id"],
            ["price_list.id"],
            name=op.f("fk_price_sheet_price_list_id_price_list"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_sheet")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_price_sheet_case_id")),
    )
    op.create_index(op.f("ix_price_sheet_made_by_id"), "price_sheet", ["made_by_id"], unique=False)
    op.create_index(
        op.f("ix_price_sheet_price_list_id"), "price_sheet", ["price_list_id"], unique=False
    )
    op.create_table(
        "procurement_case",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("procurement_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_procurement_case_case_id_case")
        ),
        sa.ForeignKeyConstraint(
            ["procurement_id"],
            ["procurement.id"],
            name=op.f("fk_procurement_case_procurement_id_procurement"),
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_procurement_case")),
    )
    op.create_index(
        op.f("ix_procurement_case_procurement_id"),
        "procurement_case",
        ["procurement_id"],
        unique=False,
    )
    op.create_table(
        "procurement_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("procurement_id", sa.Integer(), nullable=False),
        sa.Column(
            "route",
            sa.Enum(
                "undecided",
                "unit_purchase",
                "direct_award",
                "call_off",
                "renewed_competition",
                "purchasing_body",
                "below_threshold",
                "open",
                "selective",
                "negotiated",
                "negotiated_unadvertised",
                "competitive_dialogue",
                "innovation_partnership",
                "dynamic_system",
                "choice_system",
                "option",
                name="route",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("in_use_on", sa.Date(), nullable=True),
        sa.Column("follows_contract", sa.Boolean(), nullable=False),
        sa.Column("laid_on", sa.Date(), nullable=False),
        sa.Column("laid_by_id", sa.Integer(), nullable=True),
        sa.Column("replaced_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["laid_by_id"], ["user.id"], name=op.f("fk_procurement_plan_laid_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["procurement_id"],
            ["procurement.id"],
            name=op.f("fk_procurement_plan_procurement_id_procurement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procurement_plan")),
    )
    op.create_index(
        op.f("ix_procurement_plan_procurement_id"),
        "procurement_plan",
        ["procurement_id"],
        unique=False,
    )
    op.create_index(
        "uq_procurement_plan_holds",
        "procurement_plan",
        ["procurement_id"],
        unique=True,
        sqlite_where=sa.text("replaced_on IS NULL"),
        postgresql_where=sa.text("replaced_on IS NULL"),
    )
    op.create_table(
        "reference_ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_reference_ask_by_id_user")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_reference_ask_case_id_case")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_reference_ask_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_ask")),
    )
    op.create_index(op.f("ix_reference_ask_case_id"), "reference_ask", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_reference_ask_person_id"), "reference_ask", ["person_id"], unique=False
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("rule_key", sa.String(length=20), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "contact",
                "prepare",
                "read",
                "deadline",
                "task",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("repeat_id", sa.Integer(), nullable=True),
        sa.Column("repeat_number", sa.Integer(), nullable=True),
        sa.Column("budget_year", sa.Integer(), nullable=True),
        sa.Column("event_key", sa.String(length=60), nullable=False),
        sa.Column("event_start", sa.Date(), nullable=True),
        sa.Column("event_end", sa.Date(), nullable=True),
        sa.Column("wanted_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("show_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column(
            "certainty",
            sa.Enum(
                "law",
                "published",
                "confirmed",
                "reported",
                "typical",
                "guessed",
                name="certainty",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("law", sa.String(length=200), nullable=False),
        sa.Column("shaped_by", sa.JSON(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "due",
                "done",
                "dismissed",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "snoozed_event",
            sa.Enum(
                "council_decided",
                "council_met",
                "door_opens",
                "internal_budget",
                "budget_year_starts",
                "term_starts",
                "new_council",
                "new_committees",
                name="snoozed_event",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("snoozed_on", sa.Date(), nullable=True),
        sa.Column("surfaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "done",
                "asked",
                "answered",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["organisation.id"], name=op.f("fk_reminder_body_id_organisation")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_reminder_case_id_case")),
        sa.ForeignKeyConstraint(
            ["done_by_id"], ["user.id"], name=op.f("fk_reminder_done_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_reminder_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_reminder_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["repeat_id"], ["repeat.id"], name=op.f("fk_reminder_repeat_id_repeat")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_reminder_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("key", name=op.f("uq_reminder_key")),
    )
    op.create_index(
        "ix_reminder_body_state", "reminder", ["body_id", "state", "show_on"], unique=False
    )
    op.create_index(op.f("ix_reminder_case_id"), "reminder", ["case_id"], unique=False)
    op.create_index(
        "ix_reminder_case_state", "reminder", ["case_id", "state", "show_on"], unique=False
    )
    op.create_index("ix_reminder_inbox", "reminder", ["user_id", "state", "show_on"], unique=False)
    op.create_index(
        op.f("ix_reminder_organisation_id"), "reminder", ["organisation_id"], unique=False
    )
    op.create_index("ix_reminder_person_done", "reminder", ["person_id", "done_at"], unique=False)
    op.create_index(op.f("ix_reminder_repeat_id"), "reminder", ["repeat_id"], unique=False)
    op.create_index(
        "ix_reminder_tick",
        "reminder",
        ["show_on"],
        unique=False,
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_table(
        "shared_material",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("procurement_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("occasion", sa.String(length=300), nullable=False),
        sa.Column("shared_on", sa.Date(), nullable=False),
        sa.Column("kept_at", sa.String(length=500), nullable=False),
        sa.Column("with_others", sa.Boolean(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["organisation.id"], name=op.f("fk_shared_material_body_id_organisation")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_shared_material_by_id_user")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_shared_material_case_id_case")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_shared_material_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["procurement_id"],
            ["procurement.id"],
            name=op.f("fk_shared_material_procurement_id_procurement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_material")),
    )
    op.create_index(
        op.f("ix_shared_material_body_id"), "shared_material", ["body_id"], unique=False
    )
    op.create_index(
        op.f("ix_shared_material_case_id"), "shared_material", ["case_id"], unique=False
    )
    op.create_index(
        op.f("ix_shared_material_procurement_id"),
        "shared_material",
        ["procurement_id"],
        unique=False,
    )
    op.create_table(
        "stage_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "track",
            sa.Enum(
                "adoption",
                "procurement",
                "state",
                name="track",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("before", sa.String(length=40), nullable=False),
        sa.Column("after", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "won",
                "lost",
                "cancelled_by_buyer",
                "no_decision",
                "bought_otherwise",
                "declined_by_us",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("outcome_reason", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_stage_change_by_id_user")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_stage_change_case_id_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_change")),
    )
    op.create_index(op.f("ix_stage_change_case_id"), "stage_change", ["case_id"], unique=False)
    op.create_table(
        "tender",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("procurement_id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("responsible_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "undecided",
                "go",
                "no_go",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("decision_reason", sa.String(length=500), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("receipt", sa.String(length=200), nullable=False),
        sa.Column("incomplete_reason", sa.String(length=200), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(decision = 'undecided' AND decided_at IS NULL) OR (decision <> 'undecided' AND decided_at IS NOT NULL)",
            name=op.f("ck_tender_decided_when"),
        ),
        sa.CheckConstraint(
            "confirmed_at IS NULL OR submitted_at IS NOT NULL",
            name=op.f("ck_tender_confirmed_after"),
        ),
        sa.CheckConstraint(
            "submitted_by_id <> confirmed_by_id", name=op.f("ck_tender_two_persons")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["user.id"], name=op.f("fk_tender_confirmed_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user.id"], name=op.f("fk_tender_decided_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["procurement_id"],
            ["procurement.id"],
            name=op.f("fk_tender_procurement_id_procurement"),
        ),
        sa.ForeignKeyConstraint(
            ["responsible_id"], ["user.id"], name=op.f("fk_tender_responsible_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["go_sheet.id"], name=op.f("fk_tender_sheet_id_go_sheet")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["user.id"], name=op.f("fk_tender_submitted_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender")),
        sa.UniqueConstraint("procurement_id", name=op.f("uq_tender_procurement_id")),
    )
    op.create_index(op.f("ix_tender_responsible_id"), "tender", ["responsible_id"], unique=False)
    op.create_table(
        "trial",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "work",
                "private",
                "private_to_work",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("inquiry_id", sa.Integer(), nullable=True),
        sa.Column("signed_up_on", sa.Date(), nullable=True),
        sa.Column("first_used_on", sa.Date(), nullable=True),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("days_active", sa.Integer(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'private') = (inquiry_id IS NULL)", name=op.f("ck_trial_private_is_nobodys")
        ),
        sa.CheckConstraint(
            "(kind = 'private') = (signed_up_on IS NULL)", name=op.f("ck_trial_private_has_no_day")
        ),
        sa.CheckConstraint(
            "kind <> 'private' OR (first_used_on IS NULL AND ended_on IS NULL AND days_active = 0)",
            name=op.f("ck_trial_private_has_no_use"),
        ),
        sa.CheckConstraint(
            "(first_used_on IS NULL) = (last_used_on IS NULL)",
            name=op.f("ck_trial_use_has_two_ends"),
        ),
        sa.CheckConstraint("days_active >= 0", name=op.f("ck_trial_days_not_negative")),
        sa.CheckConstraint("first_used_on <= last_used_on", name=op.f("ck_trial_use_in_order")),
        sa.ForeignKeyConstraint(
            ["inquiry_id"], ["inquiry.id"], name=op.f("fk_trial_inquiry_id_inquiry")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["trial_source.id"], name=op.f("fk_trial_source_id_trial_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial")),
    )
    op.create_index(op.f("ix_trial_inquiry_id"), "trial", ["inquiry_id"], unique=False)
    op.create_index(op.f("ix_trial_source_id"), "trial", ["source_id"], unique=False)
    op.create_table(
        "unit_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("used_from", sa.Date(), nullable=False),
        sa.Column("used_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "used_until IS NULL OR used_from <= used_until", name=op.f("ck_unit_use_order")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_unit_use_case_id_case")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_unit_use_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_use")),
        sa.UniqueConstraint(
            "case_id", "organisation_id", "used_from", name=op.f("uq_unit_use_case_id")
        ),
    )
    op.create_index(
        op.f("ix_unit_use_organisation_id"), "unit_use", ["organisation_id"], unique=False
    )
    op.create_index(
        "uq_unit_use_open",
        "unit_use",
        ["case_id", "organisation_id"],
        unique=True,
        sqlite_where=sa.text("used_until IS NULL"),
        postgresql_where=sa.text("used_until IS NULL"),
    )
    op.create_table(
        "wait",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "disagreement",
                "no_budget",
                "awaiting_decision",
                "reorganisation",
                "election",
                "spending_freeze",
                "other_priority",
                "champion_away",
                "procurement_running",
                "no_answer",
                "their_request",
                "other",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "event",
            sa.Enum(
                "council_decided",
                "council_met",
                "door_opens",
                "internal_budget",
                "budget_year_starts",
                "term_starts",
                "new_council",
                "new_committees",
                name="event",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("light_every", sa.Integer(), nullable=True),
        sa.Column(
            "light_purpose",
            sa.Enum(
                "season",
                "submissions",
                "decision",
                "term",
                "news",
                name="light_purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(light_every IS NULL) = (light_purpose IS NULL) AND light_every > 0",
            name=op.f("ck_wait_light_whole"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_wait_by_id_user")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_wait_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wait")),
    )
    op.create_index(op.f("ix_wait_case_id"), "wait", ["case_id"], unique=False)
    op.create_table(
        "champion_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "showed",
                "introduced",
                "brought_in",
                "uses_weekly",
                "wrote_need",
                "got_resources",
                "named_path",
                "asked_price",
                "came_back",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column(
            "function",
            sa.Enum(
                "users",
                "digitalisation",
                "unit_head",
                "management",
                "administration",
                "economy",
                "it",
                "system_owner",
                "information_security",
                "data_protection",
                "archive",
                "accessibility",
                "procurement",
                "union",
                "politics",
                name="function",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "liked",
                "questions",
                "doubtful",
                "not_now",
                "not_known",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("material", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column(
            "next_kind",
            sa.Enum(
                "staff_meeting",
                "management_group",
                "committee",
                "cooperation",
                "other",
                name="next_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'showed' OR (function IS NOT NULL AND outcome IS NOT NULL)",
            name=op.f("ck_champion_act_selling_has_an_audience"),
        ),
        sa.CheckConstraint(
            "(next_kind IS NULL) = (next_on IS NULL)", name=op.f("ck_champion_act_next_whole")
        ),
        sa.CheckConstraint(
            "next_on IS NULL OR case_id IS NOT NULL", name=op.f("ck_champion_act_next_in_a_case")
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_champion_act_activity_id_activity")
        ),
        sa.ForeignKeyConstraint(
            ["body_id"], ["organisation.id"], name=op.f("fk_champion_act_body_id_organisation")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_champion_act_by_id_user")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_champion_act_case_id_case")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_champion_act_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["person.id"], name=op.f("fk_champion_act_other_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_champion_act_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_champion_act")),
        sa.UniqueConstraint("activity_id", name=op.f("uq_champion_act_activity_id")),
    )
    op.create_index("ix_champion_act_body", "champion_act", ["body_id", "done_on"], unique=False)
    op.create_index(op.f("ix_champion_act_case_id"), "champion_act", ["case_id"], unique=False)
    op.create_index(
        "ix_champion_act_next",
        "champion_act",
        ["body_id", "next_on"],
        unique=False,
        sqlite_where=sa.text("next_on IS NOT NULL"),
        postgresql_where=sa.text("next_on IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_champion_act_organisation_id"), "champion_act", ["organisation_id"], unique=False
    )
    op.create_index(op.f("ix_champion_act_other_id"), "champion_act", ["other_id"], unique=False)
    op.create_index(
        "ix_champion_act_person", "champion_act", ["person_id", "done_on"], unique=False
    )
    op.create_table(
        "comparison_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comparison_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "must",
                "should",
                "question",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("requirement_id", sa.Integer(), nullable=True),
        sa.Column(
            "verdict",
            sa.Enum(
                "matched",
                "new",
                "contradicting",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "clash",
            sa.Enum(
                "not_met",
                "later",
                "negation",
                "number",
                "harder",
                "by_hand",
                name="clash",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("clash_words", sa.String(length=100), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=1000), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "verdict != 'new' OR requirement_id IS NULL",
            name=op.f("ck_comparison_line_new_without"),
        ),
        sa.CheckConstraint("0 <= score AND score <= 100", name=op.f("ck_comparison_line_score")),
        sa.ForeignKeyConstraint(
            ["comparison_id"],
            ["comparison.id"],
            name=op.f("fk_comparison_line_comparison_id_comparison"),
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["user.id"], name=op.f("fk_comparison_line_confirmed_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["requirement_id"],
            ["requirement.id"],
            name=op.f("fk_comparison_line_requirement_id_requirement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison_line")),
        sa.UniqueConstraint(
            "comparison_id", "position", name=op.f("uq_comparison_line_comparison_id")
        ),
    )
    op.create_index(
        op.f("ix_comparison_line_requirement_id"),
        "comparison_line",
        ["requirement_id"],
        unique=False,
    )
    op.create_table(
        "contract_option",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "used",
                "declined",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("notice_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (decided_on IS NULL)",
            name=op.f("ck_contract_option_decided_on_a_day"),
        ),
        sa.CheckConstraint("months BETWEEN 1 AND 240", name=op.f("ck_contract_option_months")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_contract_option_contract_id_contract")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_option")),
        sa.UniqueConstraint("contract_id", "position", name=op.f("uq_contract_option_contract_id")),
    )
    op.create_table(
        "contract_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("contract_version", sa.Integer(), nullable=True),
        sa.Column("who", sa.JSON(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("refused", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_contract_word_contract_id_contract")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_word")),
        sa.UniqueConstraint("contract_id", name=op.f("uq_contract_word_contract_id")),
    )
    op.create_table(
        "framework_caller",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_framework_caller_contract_id_contract")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_framework_caller_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework_caller")),
        sa.UniqueConstraint(
            "contract_id", "organisation_id", name=op.f("uq_framework_caller_contract_id")
        ),
    )
    op.create_index(
        op.f("ix_framework_caller_organisation_id"),
        "framework_caller",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "go_score",
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.CheckConstraint("0 <= points AND points <= 5", name=op.f("ck_go_score_points")),
        sa.ForeignKeyConstraint(
            ["criterion_id"],
            ["go_criterion.id"],
            name=op.f("fk_go_score_criterion_id_go_criterion"),
        ),
        sa.ForeignKeyConstraint(
            ["tender_id"], ["tender.id"], name=op.f("fk_go_score_tender_id_tender")
        ),
        sa.PrimaryKeyConstraint("tender_id", "criterion_id", name=op.f("pk_go_score")),
    )
    op.create_table(
        "kit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=True),
        sa.Column("rungs", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nonce", sa.String(length=40), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("made_on <= valid_until", name=op.f("ck_kit_days")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_kit_case_id_case")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_kit_made_by_id_user")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_kit_person_id_person")),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["price_sheet.id"], name=op.f("fk_kit_sheet_id_price_sheet")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_kit_case_id")),
    )
    op.create_index(op.f("ix_kit_made_by_id"), "kit", ["made_by_id"], unique=False)
    op.create_index(op.f("ix_kit_person_id"), "kit", ["person_id"], unique=False)
    op.create_index(op.f("ix_kit_sheet_id"), "kit", ["sheet_id"], unique=False)
    op.create_table(
        "need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("like_key", sa.String(length=300), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "need",
                "in_use",
                "threshold",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "area",
            sa.Enum(
                "function",
                "integration",
                "data_protection",
                "security",
                "accessibility",
                "operations",
                "support",
                "price",
                "training",
                name="area",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "in_use",
            sa.Enum(
                "official",
                "unofficial",
                "private",
                name="in_use",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("tool", sa.String(length=120), nullable=False),
        sa.Column(
            "threshold",
            sa.Enum(
                "log_in",
                "installation",
                "agreement",
                "price",
                "data_protection",
                "other",
                name="threshold",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "held",
            sa.Enum(
                "slowed",
                "stopped",
                name="held",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "call",
                "mail",
                "meeting",
                "note",
                "interest",
                "gate",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "function",
            sa.Enum(
                "users",
                "digitalisation",
                "unit_head",
                "management",
                "administration",
                "economy",
                "it",
                "system_owner",
                "information_security",
                "data_protection",
                "archive",
                "accessibility",
                "procurement",
                "union",
                "politics",
                name="function",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "rests_on",
            sa.Enum(
                "use",
                "expected",
                name="rests_on",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("used_weeks", sa.Integer(), nullable=True),
        sa.Column("users", sa.Integer(), nullable=True),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("inquiry_id", sa.Integer(), nullable=True),
        sa.Column("requirement_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'in_use') = (in_use IS NOT NULL)", name=op.f("ck_need_in_use_how")
        ),
        sa.CheckConstraint(
            "(kind = 'threshold') = (threshold IS NOT NULL) AND (threshold IS NULL) = (held IS NULL)",
            name=op.f("ck_need_threshold_which"),
        ),
        sa.CheckConstraint("used_weeks >= 0 AND users >= 0", name=op.f("ck_need_use_not_negative")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name=op.f("fk_need_activity_id_activity")
        ),
        sa.ForeignKeyConstraint(
            ["body_id"], ["organisation.id"], name=op.f("fk_need_body_id_organisation")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_need_case_id_case")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user.id"], name=op.f("fk_need_created_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["inquiry_id"], ["inquiry.id"], name=op.f("fk_need_inquiry_id_inquiry")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_need_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_need_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["requirement_id"], ["requirement.id"], name=op.f("fk_need_requirement_id_requirement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
    )
    op.create_index(op.f("ix_need_activity_id"), "need", ["activity_id"], unique=False)
    op.create_index(op.f("ix_need_body_id"), "need", ["body_id"], unique=False)
    op.create_index(op.f("ix_need_case_id"), "need", ["case_id"], unique=False)
    op.create_index(op.f("ix_need_inquiry_id"), "need", ["inquiry_id"], unique=False)
    op.create_index(op.f("ix_need_organisation_id"), "need", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_need_person_id"), "need", ["person_id"], unique=False)
    op.create_index(op.f("ix_need_requirement_id"), "need", ["requirement_id"], unique=False)
    op.create_index(
        "ix_need_said",
        "need",
        [sa.literal_column("said_on DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "notice_key",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("procedure", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["notice.id"],
            name=op.f("fk_notice_key_notice_id_notice"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("notice_id", "key", name=op.f("pk_notice_key")),
    )
    op.create_index("ix_notice_key_key", "notice_key", ["key", "procedure"], unique=False)
    op.create_table(
        "notice_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "new",
                "updated",
                "known",
                "unreadable",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "problem",
            sa.Enum(
                "empty",
                "not_a_notice",
                "other_notice",
                "broken_xml",
                "broken_json",
                "doctype",
                "too_large",
                "too_complex",
                "broken_archive",
                "locked_archive",
                "nested_archive",
                "swollen_archive",
                "too_many_files",
                "unforeseen",
                name="problem",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["notice_import.id"],
            name=op.f("fk_notice_result_import_id_notice_import"),
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_result_notice_id_notice")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_result")),
    )
    op.create_index(
        op.f("ix_notice_result_import_id"), "notice_result", ["import_id"], unique=False
    )
    op.create_table(
        "procurement_milestone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "needs",
                "dialogue",
                "specification",
                "decision",
                "market",
                "application",
                "tender",
                "negotiation",
                "evaluation",
                "award",
                "standstill",
                "signing",
                "development",
                "rollout",
                "in_use",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("first_planned_on", sa.Date(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("reached_on", sa.Date(), nullable=True),
        sa.Column(
            "certainty",
            sa.Enum(
                "law",
                "published",
                "confirmed",
                "reported",
                "typical",
                "guessed",
                name="certainty",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source_url", sa.String(length=1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["procurement_plan.id"],
            name=op.f("fk_procurement_milestone_plan_id_procurement_plan"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procurement_milestone")),
        sa.UniqueConstraint("plan_id", "position", name="uq_procurement_milestone_position"),
        sa.UniqueConstraint("plan_id", "stage", name="uq_procurement_milestone_stage"),
    )
    op.create_table(
        "records_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "award",
                "contract",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("procurement_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "email",
                "e_service",
                "post",
                "phone",
                "visit",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sent_to", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "given",
                "partly",
                "refused",
                "no_document",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("fee_ore", sa.BigInteger(), nullable=True),
        sa.Column("secrecy_note", sa.Text(), nullable=False),
        sa.Column("refused_on", sa.Date(), nullable=True),
        sa.Column("appeal_by", sa.Date(), nullable=True),
        sa.Column("appeal_settled", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("files", sa.String(length=500), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(answered_on IS NULL) = (outcome IS NULL)",
            name=op.f("ck_records_request_answer_has_an_outcome"),
        ),
        sa.CheckConstraint(
            "(refused_on IS NULL) = (appeal_by IS NULL)",
            name=op.f("ck_records_request_refusal_has_an_appeal_day"),
        ),
        sa.CheckConstraint(
            "answered_on IS NULL OR answered_on >= asked_on",
            name=op.f("ck_records_request_answer_after"),
        ),
        sa.CheckConstraint("fee_ore >= 0", name=op.f("ck_records_request_fee_not_negative")),
        sa.ForeignKeyConstraint(
            ["body_id"], ["organisation.id"], name=op.f("fk_records_request_body_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case.id"], name=op.f("fk_records_request_case_id_case")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_records_request_contract_id_contract"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_records_request_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_records_request_owner_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["procurement_id"],
            ["procurement.id"],
            name=op.f("fk_records_request_procurement_id_procurement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records_request")),
    )
    op.create_index(
        op.f("ix_records_request_body_id"), "records_request", ["body_id"], unique=False
    )
    op.create_index(
        op.f("ix_records_request_case_id"), "records_request", ["case_id"], unique=False
    )
    op.create_index(
        op.f("ix_records_request_contract_id"), "records_request", ["contract_id"], unique=False
    )
    op.create_index(
        op.f("ix_records_request_owner_id"), "records_request", ["owner_id"], unique=False
    )
    op.create_index(
        op.f("ix_records_request_procurement_id"),
        "records_request",
        ["procurement_id"],
        unique=False,
    )
    op.create_table(
        "reminder_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reminder_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.Date(), nullable=False),
        sa.Column("after", sa.Date(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["reminder_id"],
            ["reminder.id"],
            name=op.f("fk_reminder_move_reminder_id_reminder"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_move")),
    )
    op.create_index(op.f("ix_reminder_move_at"), "reminder_move", ["at"], unique=False)
    op.create_index(
        op.f("ix_reminder_move_reminder_id"), "reminder_move", ["reminder_id"], unique=False
    )
    op.create_table(
        "tender_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tender_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("responsible_id", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "checked_at IS NULL OR done_at IS NOT NULL", name=op.f("ck_tender_item_checked_after")
        ),
        sa.CheckConstraint("done_by_id <> checked_by_id", name=op.f("ck_tender_item_two_persons")),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["user.id"], name=op.f("fk_tender_item_checked_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["done_by_id"], ["user.id"], name=op.f("fk_tender_item_done_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["responsible_id"], ["user.id"], name=op.f("fk_tender_item_responsible_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["tender_id"], ["tender.id"], name=op.f("fk_tender_item_tender_id_tender")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_item")),
    )
    op.create_index(op.f("ix_tender_item_tender_id"), "tender_item", ["tender_id"], unique=False)
    op.create_table(
        "trial_account",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["trial_source.id"], name=op.f("fk_trial_account_source_id_trial_source")
        ),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trial.id"], name=op.f("fk_trial_account_trial_id_trial")
        ),
        sa.PrimaryKeyConstraint("source_id", "ref", name=op.f("pk_trial_account")),
    )
    op.create_index(op.f("ix_trial_account_trial_id"), "trial_account", ["trial_id"], unique=False)
    op.create_table(
        "kit_question",
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("kit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inquiry_id"], ["inquiry.id"], name=op.f("fk_kit_question_inquiry_id_inquiry")
        ),
        sa.ForeignKeyConstraint(["kit_id"], ["kit.id"], name=op.f("fk_kit_question_kit_id_kit")),
        sa.PrimaryKeyConstraint("inquiry_id", name=op.f("pk_kit_question")),
    )
    op.create_index(op.f("ix_kit_question_kit_id"), "kit_question", ["kit_id"], unique=False)
    op.create_table(
        "notice_contract",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("word_id", sa.Integer(), nullable=False),
        sa.Column("made", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["notice.id"],
            name=op.f("fk_notice_contract_notice_id_notice"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["word_id"], ["contract_word.id"], name=op.f("fk_notice_contract_word_id_contract_word")
        ),
        sa.PrimaryKeyConstraint("notice_id", "word_id", name=op.f("pk_notice_contract")),
    )
    op.create_index(
        op.f("ix_notice_contract_word_id"), "notice_contract", ["word_id"], unique=False
    )
    op.create_table(
        "procurement_milestone_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.Date(), nullable=False),
        sa.Column("after", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by_review", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user.id"], name=op.f("fk_procurement_milestone_move_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["milestone_id"],
            ["procurement_milestone.id"],
            name=op.f("fk_procurement_milestone_move_milestone_id_procurement_milestone"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procurement_milestone_move")),
    )
    op.create_index(
        op.f("ix_procurement_milestone_move_milestone_id"),
        "procurement_milestone_move",
        ["milestone_id"],
        unique=False,
    )
    op.create_table(
        "remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "function",
            sa.Enum(
                "users",
                "digitalisation",
                "unit_head",
                "management",
                "administration",
                "economy",
                "it",
                "system_owner",
                "information_security",
                "data_protection",
                "archive",
                "accessibility",
                "procurement",
                "union",
                "politics",
                name="function",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "step",
            sa.Enum(
                "security_protection",
                "review",
                "processing_agreement",
                "classification",
                "impact_assessment",
                "secrecy",
                "accessibility",
                "integration",
                "archive",
                "union",
                "procurement",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("need_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(answered_on IS NULL) = (answer = '')", name=op.f("ck_remark_answer_whole")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_remark_by_id_user")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_remark_case_id_case")),
        sa.ForeignKeyConstraint(
            ["need_id"], ["need.id"], name=op.f("fk_remark_need_id_need"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_remark_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
        sa.UniqueConstraint("need_id", name=op.f("uq_remark_need_id")),
    )
    op.create_index(op.f("ix_remark_case_id"), "remark", ["case_id"], unique=False)
    op.create_index(op.f("ix_remark_person_id"), "remark", ["person_id"], unique=False)
    op.create_table(
        "requirement_wording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("requirement_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user.id"], name=op.f("fk_requirement_wording_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["need_id"],
            ["need.id"],
            name=op.f("fk_requirement_wording_need_id_need"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["requirement_id"],
            ["requirement.id"],
            name=op.f("fk_requirement_wording_requirement_id_requirement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement_wording")),
    )
    op.create_index(
        op.f("ix_requirement_wording_need_id"), "requirement_wording", ["need_id"], unique=False
    )
    op.create_index(
        op.f("ix_requirement_wording_requirement_id"),
        "requirement_wording",
        ["requirement_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("requirement_wording")
    op.drop_table("remark")
    op.drop_table("procurement_milestone_move")
    op.drop_table("notice_contract")
    op.drop_table("kit_question")
    op.drop_table("trial_account")
    op.drop_table("tender_item")
    op.drop_table("reminder_move")
    op.drop_table("records_request")
    op.drop_table("procurement_milestone")
    op.drop_table("notice_result")
    op.drop_table("notice_key")
    op.drop_table("need")
    op.drop_table("kit")
    op.drop_table("go_score")
    op.drop_table("framework_caller")
    op.drop_table("contract_word")
    op.drop_table("contract_option")
    op.drop_table("comparison_line")
    op.drop_table("champion_act")
    op.drop_table("wait")
    op.drop_table("unit_use")
    op.drop_table("trial")
    op.drop_table("tender")
    op.drop_table("stage_change")
    op.drop_table("shared_material")
    op.drop_table("reminder")
    op.drop_table("reference_ask")
    op.drop_table("procurement_plan")
    op.drop_table("procurement_case")
    op.drop_table("price_sheet")
    op.drop_table("pilot")
    op.drop_table("notice")
    op.drop_table("map_line")
    op.drop_table("inquiry_case")
    op.drop_table("gate_step")
    op.drop_table("gate_answer")
    op.drop_table("contract")
    op.drop_table("conflict_note")
    op.drop_table("comparison")
    op.drop_table("case_unit")
    op.drop_table("case_product")
    op.drop_table("case_pricing")
    op.drop_table("case_person")
    op.drop_table("activity")
    op.drop_table("trial_secret")
    op.drop_table("trial_message")
    op.drop_table("stage_length")
    op.drop_table("shared_feed")
    op.drop_table("requirement")
    op.drop_table("reference")
    op.drop_table("procurement")
    op.drop_table("price_line")
    op.drop_table("post")
    op.drop_table("person_relation")
    op.drop_table("pause")
    op.drop_table("organisation_alias")
    op.drop_table("merge_step")
    op.drop_table("inquiry")
    op.drop_table("hand_over_item")
    op.drop_table("go_criterion")
    op.drop_table("gate_time")
    op.drop_table("domain_pattern")
    op.drop_table("council_meeting")
    op.drop_table("case")
    op.drop_table("budget_practice")
    op.drop_table("budget_event")
    op.drop_table("budget_confirmation")
    op.drop_table("body_plan")
    op.drop_table("account_role")
    op.drop_table("trial_source")
    op.drop_table("stand_in")
    op.drop_table("school_file")
    op.drop_table("rule_setting")
    op.drop_table("removal")
    op.drop_table("recovery_code")
    op.drop_table("price_list")
    op.drop_table("phase_advice")
    op.drop_table("pair_verdict")
    op.drop_table("own_rule_version")
    op.drop_table("organisation")
    op.drop_table("notice_import")
    op.drop_table("merge")
    op.drop_table("login_session")
    op.drop_table("lead_time")
    op.drop_table("law_value")
    op.drop_table("law_check")
    op.drop_table("kept_words")
    op.drop_table("invitation")
    op.drop_table("hospitality")
    op.drop_table("hand_over")
    op.drop_table("go_sheet")
    op.drop_table("champion_figures")
    op.drop_table("audit_entry")
    op.drop_table("answer")
    op.drop_table("absence")
    op.drop_table("vendor")
    op.drop_table("usual_tender_item")
    op.drop_table("user")
    op.drop_table("submission")
    op.drop_table("stage_check_setting")
    op.drop_table("source")
    op.drop_table("search_word")
    op.drop_table("search_doc")
    op.drop_table("requirement_setting")
    op.drop_table("repeat")
    op.drop_table("product")
    op.drop_table("plan_round")
    op.drop_table("plan_request")
    op.drop_table("person")
    op.drop_table("own_rule")
    op.drop_table("login_attempt")
    op.drop_table("letter")
    op.drop_table("lease")
    op.drop_table("job_run")
