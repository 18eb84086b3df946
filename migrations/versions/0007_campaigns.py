"""Public comments: campaigns, documents, submissions, answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column(
            "procedure",
            sa.Enum(
                "comment",
                "inspection",
                name="procedure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "preparing",
                "planned",
                "open",
                "closed",
                "reviewing",
                "published",
                "cancelled",
                name="campaignstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("plan_name", sa.String(length=300), nullable=False),
        sa.Column("plan_stage", sa.String(length=60), nullable=False),
        sa.Column(
            "subject_type",
            sa.Enum(
                "plan",
                "basic_ordinance",
                "duty_ordinance",
                "facility",
                "other",
                name="subjecttype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("legal_basis", sa.String(length=300), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("planned_period", sa.String(length=120), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("short_reason", sa.Text(), nullable=False),
        sa.Column("result_due_on", sa.Date(), nullable=True),
        sa.Column("published_until", sa.Date(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "amended",
                "unchanged",
                "not_adopted",
                "renewed",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("outcome_note", sa.Text(), nullable=False),
        sa.Column("section_name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("fax", sa.String(length=60), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column(
            "sender_fields",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
        ),
        sa.Column("accepts_attachments", sa.Boolean(), nullable=False),
        sa.Column(
            "counting_rule",
            sa.Enum(
                "each_opinion",
                "person_and_group",
                name="countingrule",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "anonymous_policy",
            sa.Enum(
                "count",
                "reference",
                name="anonymouspolicy",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("retention_days", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'cancelled' OR cancel_reason <> ''", name=op.f("ck_campaign_cancelled_reason")
        ),
        sa.CheckConstraint(
            "state <> 'published' OR outcome IS NOT NULL",
            name=op.f("ck_campaign_published_outcome"),
        ),
        sa.CheckConstraint(
            "state IN ('preparing', 'planned', 'cancelled') OR closes_on IS NOT NULL",
            name=op.f("ck_campaign_open_has_period"),
        ),
        sa.CheckConstraint(
            "closes_on IS NULL OR closes_on >= opens_on", name=op.f("ck_campaign_period")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_campaign_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_index("ix_campaign_department_id", "campaign", ["department_id", "id"], unique=False)
    op.create_index("ix_campaign_fiscal_year", "campaign", ["fiscal_year", "id"], unique=False)
    op.create_index("ix_campaign_state", "campaign", ["state", "closes_on"], unique=False)
    op.create_table(
        "campaign_channel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "web",
                "email",
                "post",
                "fax",
                "counter",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "rule",
            sa.Enum(
                "received_by_time",
                "office_hours",
                "postmark",
                "must_arrive",
                name="deadlinerule",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("closing_time", sa.String(length=5), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "rule <> 'postmark' OR channel = 'post'",
            name=op.f("ck_campaign_channel_postmark_is_post"),
        ),
        sa.CheckConstraint("grace_days >= 0", name=op.f("ck_campaign_channel_grace")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_channel_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_channel")),
        sa.UniqueConstraint(
            "campaign_id", "channel", name=op.f("uq_campaign_channel_campaign_id_channel")
        ),
    )
    op.create_table(
        "campaign_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "submissions",
                "answers",
                name="importkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "reading",
                "ready",
                "refused",
                "stored",
                "discarded",
                name="importstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("data_key", sa.Text(), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("total_rows", sa.Integer(), nullable=False),
        sa.Column("new_rows", sa.Integer(), nullable=False),
        sa.Column("changed_rows", sa.Integer(), nullable=False),
        sa.Column("same_rows", sa.Integer(), nullable=False),
        sa.Column("bad_rows", sa.Integer(), nullable=False),
        sa.Column(
            "problems", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "sample", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "notes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_import_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["staff_user.id"], name=op.f("fk_campaign_import_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_campaign_import_file_id")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_campaign_import_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_import")),
    )
    op.create_index(
        "ix_campaign_import_campaign_id", "campaign_import", ["campaign_id", "id"], unique=False
    )
    op.create_table(
        "campaign_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "extended",
                "document",
                "cancelled",
                "corrected",
                "other",
                name="noticekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("old_closes_on", sa.Date(), nullable=True),
        sa.Column("new_closes_on", sa.Date(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind <> 'extended' OR (old_closes_on IS NOT NULL AND new_closes_on IS NOT NULL)",
            name=op.f("ck_campaign_notice_extended_dates"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_notice_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_notice")),
    )
    op.create_index(
        "ix_campaign_notice_campaign_id", "campaign_notice", ["campaign_id", "id"], unique=False
    )
    op.create_table(
        "campaign_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "returned",
                "approved",
                "published",
                "discarded",
                name="resultstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("introduction", sa.Text(), nullable=False),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "amended",
                "unchanged",
                "not_adopted",
                "renewed",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("outcome_note", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=False),
        sa.Column("scheduled_for", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("snapshot_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "number = 1 OR correction <> ''", name=op.f("ck_campaign_result_correction_has_reason")
        ),
        sa.CheckConstraint(
            "state <> 'published' OR published_at IS NOT NULL",
            name=op.f("ck_campaign_result_published_when"),
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> submitted_by",
            name=op.f("ck_campaign_result_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["staff_user.id"], name=op.f("fk_campaign_result_approved_by")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_result_campaign_id")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_campaign_result_job_id")),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["staff_user.id"], name=op.f("fk_campaign_result_submitted_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_result")),
        sa.UniqueConstraint(
            "campaign_id", "number", name=op.f("uq_campaign_result_campaign_id_number")
        ),
    )
    op.create_index(
        "ix_campaign_result_scheduled", "campaign_result", ["state", "scheduled_for"], unique=False
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "draft",
                "summary",
                "reference",
                name="documentkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_document_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint(
            "campaign_id", "position", name=op.f("uq_document_campaign_id_position")
        ),
    )
    op.create_table(
        "eligibility",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_eligibility_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility")),
        sa.UniqueConstraint(
            "campaign_id", "position", name=op.f("uq_eligibility_campaign_id_position")
        ),
    )
    op.create_table(
        "response_category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("needs_amendment", sa.Boolean(), nullable=False),
        sa.Column("out_of_scope", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_response_category_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_category")),
        sa.UniqueConstraint(
            "campaign_id", "code", name=op.f("uq_response_category_campaign_id_code")
        ),
    )
    op.create_table(
        "text_cluster",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("representative_id", sa.BigInteger(), nullable=False),
        sa.Column("opinions", sa.Integer(), nullable=False),
        sa.Column("distinct_texts", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_text_cluster_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_cluster")),
    )
    op.create_index(
        "ix_text_cluster_size", "text_cluster", ["campaign_id", "opinions", "id"], unique=False
    )
    op.create_table(
        "viewing_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_viewing_place_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewing_place")),
        sa.UniqueConstraint(
            "campaign_id", "position", name=op.f("uq_viewing_place_campaign_id_position")
        ),
    )
    op.create_table(
        "document_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "file_id IS NOT NULL OR source <> ''", name=op.f("ck_document_version_has_content")
        ),
        sa.CheckConstraint(
            "number = 1 OR note <> ''", name=op.f("ck_document_version_change_is_told")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_document_version_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_document_version_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_version")),
        sa.UniqueConstraint(
            "document_id", "number", name=op.f("uq_document_version_document_id_number")
        ),
    )
    op.create_table(
        "opinion_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("heading", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("assigned_to", sa.String(length=120), nullable=False),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["staff_user.id"], name=op.f("fk_opinion_group_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_opinion_group_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["response_category.id"], name=op.f("fk_opinion_group_category_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_group")),
        sa.UniqueConstraint(
            "campaign_id", "number", name=op.f("uq_opinion_group_campaign_id_number")
        ),
    )
    op.create_index(
        "ix_opinion_group_position",
        "opinion_group",
        ["campaign_id", "position", "id"],
        unique=False,
    )
    op.create_table(
        "result_file",
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("replaced", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_result_file_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["campaign_result.id"], name=op.f("fk_result_file_result_id")
        ),
        sa.PrimaryKeyConstraint("result_id", "format", name=op.f("pk_result_file")),
    )
    op.create_table(
        "result_part",
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["campaign_result.id"], name=op.f("fk_result_part_result_id")
        ),
        sa.PrimaryKeyConstraint("result_id", "position", name=op.f("pk_result_part")),
    )
    op.create_table(
        "answer_form",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_answer_form_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_answer_form_file_id")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_answer_form_job_id")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_answer_form")),
    )
    op.create_table(
        "submission",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column(
            "receipt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "web",
                "email",
                "post",
                "fax",
                "counter",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_on", sa.Date(), nullable=False),
        sa.Column("postmark_on", sa.Date(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("out_of_scope", sa.Boolean(), nullable=False),
        sa.Column(
            "duplicate_of_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("rerouted_to", sa.String(length=200), nullable=False),
        sa.Column("flag_note", sa.Text(), nullable=False),
        sa.Column("eligibility_id", sa.Integer(), nullable=True),
        sa.Column("person_key", sa.String(length=64), nullable=True),
        sa.Column("network_key", sa.String(length=64), nullable=True),
        sa.Column("typed_by", sa.Integer(), nullable=True),
        sa.Column("checked_by", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "checked_by IS NULL OR checked_by <> typed_by", name=op.f("ck_submission_second_look")
        ),
        sa.CheckConstraint(
            "duplicate_of_id IS NULL OR duplicate_of_id <> id",
            name=op.f("ck_submission_not_of_itself"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_submission_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["staff_user.id"], name=op.f("fk_submission_checked_by")
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_of_id"], ["submission.id"], name=op.f("fk_submission_duplicate_of_id")
        ),
        sa.ForeignKeyConstraint(
            ["eligibility_id"], ["eligibility.id"], name=op.f("fk_submission_eligibility_id")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["campaign_import.id"], name=op.f("fk_submission_import_id")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_submission_receipt_id")
        ),
        sa.ForeignKeyConstraint(
            ["typed_by"], ["staff_user.id"], name=op.f("fk_submission_typed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_submission_receipt_id")),
    )
    op.create_index(
        "ix_submission_burst", "submission", ["campaign_id", "received_at", "id"], unique=False
    )
    marked = sa.text(
        "late OR anonymous OR out_of_scope OR duplicate_of_id IS NOT NULL"
        " OR rerouted_to <> '' OR flag_note <> '' OR channel <> 'web'"
    )
    op.create_index(
        "ix_submission_marked",
        "submission",
        ["campaign_id", "received_at", "id"],
        unique=False,
        sqlite_where=marked,
        postgresql_where=marked,
    )
    op.create_index("ix_submission_campaign_id", "submission", ["campaign_id", "id"], unique=False)
    op.create_index(
        op.f("ix_submission_duplicate_of_id"), "submission", ["duplicate_of_id"], unique=False
    )
    op.create_index(op.f("ix_submission_import_id"), "submission", ["import_id"], unique=False)
    op.create_index(
        "ix_submission_person", "submission", ["campaign_id", "person_key"], unique=False
    )
    op.create_table(
        "passage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.String(length=20), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "heading",
                "paragraph",
                "list_item",
                "table",
                name="passagekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["document_version.id"], name=op.f("fk_passage_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage")),
        sa.UniqueConstraint("version_id", "anchor", name=op.f("uq_passage_version_id_anchor")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_passage_version_id_position")),
    )
    op.create_table(
        "amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "before <> '' OR after <> ''", name=op.f("ck_amendment_changes_something")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_amendment_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["passage_id"], ["passage.id"], name=op.f("fk_amendment_passage_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_amendment_campaign_id_number")),
    )
    op.create_index(op.f("ix_amendment_passage_id"), "amendment", ["passage_id"], unique=False)
    op.create_table(
        "opinion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column(
            "submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text_key", sa.String(length=64), nullable=False),
        sa.Column(
            "cluster_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("similarity", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column(
            "split_from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("split", sa.Boolean(), nullable=False),
        sa.Column("out_of_scope", sa.Boolean(), nullable=False),
        sa.Column("assigned_to", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_opinion_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["cluster_id"], ["text_cluster.id"], name=op.f("fk_opinion_cluster_id")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["opinion_group.id"], name=op.f("fk_opinion_group_id")
        ),
        sa.ForeignKeyConstraint(["passage_id"], ["passage.id"], name=op.f("fk_opinion_passage_id")),
        sa.ForeignKeyConstraint(
            ["split_from_id"], ["opinion.id"], name=op.f("fk_opinion_split_from_id")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_opinion_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        sa.UniqueConstraint(
            "submission_id", "number", name=op.f("uq_opinion_submission_id_number")
        ),
    )
    op.create_index("ix_opinion_campaign_id", "opinion", ["campaign_id", "id"], unique=False)
    op.create_index("ix_opinion_cluster_id", "opinion", ["cluster_id", "id"], unique=False)
    op.create_index(
        "ix_opinion_group_id",
        "opinion",
        ["group_id", "campaign_id", "id", "split", "out_of_scope", "submission_id"],
        unique=False,
    )
    op.create_index(op.f("ix_opinion_passage_id"), "opinion", ["passage_id"], unique=False)
    op.create_index(op.f("ix_opinion_split_from_id"), "opinion", ["split_from_id"], unique=False)
    op.create_index("ix_opinion_text_key", "opinion", ["campaign_id", "text_key"], unique=False)
    op.create_table(
        "passage_lineage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column(
            "relation",
            sa.Enum(
                "kept",
                "changed",
                "split",
                "removed",
                name="lineage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(relation = 'removed') = (to_id IS NULL)",
            name=op.f("ck_passage_lineage_removed_has_no_target"),
        ),
        sa.ForeignKeyConstraint(
            ["from_id"], ["passage.id"], name=op.f("fk_passage_lineage_from_id")
        ),
        sa.ForeignKeyConstraint(["to_id"], ["passage.id"], name=op.f("fk_passage_lineage_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage_lineage")),
        sa.UniqueConstraint("from_id", "to_id", name=op.f("uq_passage_lineage_from_id_to_id")),
    )
    op.create_index(op.f("ix_passage_lineage_to_id"), "passage_lineage", ["to_id"], unique=False)
    op.create_table(
        "amendment_source",
        sa.Column("amendment_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["amendment.id"], name=op.f("fk_amendment_source_amendment_id")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["opinion_group.id"], name=op.f("fk_amendment_source_group_id")
        ),
        sa.PrimaryKeyConstraint("amendment_id", "group_id", name=op.f("pk_amendment_source")),
    )
    op.create_table(
        "opinion_mask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "opinion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("field", sa.String(length=10), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "field IN ('text', 'reason', 'place')", name=op.f("ck_opinion_mask_field")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_opinion_mask_has_reason")),
        sa.CheckConstraint(
            "checked_by IS NULL OR checked_by <> made_by",
            name=op.f("ck_opinion_mask_second_person"),
        ),
        sa.CheckConstraint("start >= 0 AND stop > start", name=op.f("ck_opinion_mask_span")),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["staff_user.id"], name=op.f("fk_opinion_mask_checked_by")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["staff_user.id"], name=op.f("fk_opinion_mask_made_by")
        ),
        sa.ForeignKeyConstraint(
            ["opinion_id"], ["opinion.id"], name=op.f("fk_opinion_mask_opinion_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_mask")),
    )
    op.create_index(
        "ix_opinion_mask_opinion_id", "opinion_mask", ["opinion_id", "field", "start"], unique=False
    )
    op.create_table(
        "result_opinion",
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column(
            "opinion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("group_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["opinion_id"], ["opinion.id"], name=op.f("fk_result_opinion_opinion_id")
        ),
        sa.ForeignKeyConstraint(
            ["result_id"], ["campaign_result.id"], name=op.f("fk_result_opinion_result_id")
        ),
        sa.PrimaryKeyConstraint("result_id", "opinion_id", name=op.f("pk_result_opinion")),
    )
    op.create_index(
        "ix_result_opinion_part", "result_opinion", ["result_id", "position"], unique=False
    )
    op.create_table(
        "yearly_list_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "planned",
                "held",
                name="yearlylist",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("replaced", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_yearly_list_file_file_id")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_yearly_list_file_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_yearly_list_file")),
    )
    op.create_index(
        "ix_yearly_list_file_list", "yearly_list_file", ["fiscal_year", "kind", "id"], unique=False
    )
    _keep_opinions_as_sent()


def _keep_opinions_as_sent() -> None:
    """Refuse any statement that changes the words of an opinion (models/as_sent.py)."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER opinion_as_sent"
            " BEFORE UPDATE OF text, reason, place, submission_id, number ON opinion"
            " WHEN (OLD.text IS NOT NEW.text OR OLD.reason IS NOT NEW.reason"
            " OR OLD.place IS NOT NEW.place OR OLD.submission_id IS NOT NEW.submission_id"
            " OR OLD.number IS NOT NEW.number) AND NOT EXISTS (SELECT 1 FROM submission"
            " WHERE id = OLD.submission_id AND typed_by IS NOT NULL AND checked_by IS NULL)"
            " BEGIN SELECT RAISE(ABORT, 'an opinion stays as sent'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION opinion_stays_as_sent() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN IF EXISTS (SELECT 1 FROM submission WHERE id = OLD.submission_id"
        " AND typed_by IS NOT NULL AND checked_by IS NULL) THEN RETURN NEW; END IF;"
        " RAISE EXCEPTION 'an opinion stays as sent' USING ERRCODE = '23514'; END $$"
    )
    op.execute(
        "CREATE TRIGGER opinion_as_sent"
        " BEFORE UPDATE OF text, reason, place, submission_id, number ON opinion FOR EACH ROW"
        " WHEN (OLD.text IS DISTINCT FROM NEW.text OR OLD.reason IS DISTINCT FROM NEW.reason"
        " OR OLD.place IS DISTINCT FROM NEW.place"
        " OR OLD.submission_id IS DISTINCT FROM NEW.submission_id"
        " OR OLD.number IS DISTINCT FROM NEW.number)"
        " EXECUTE FUNCTION opinion_stays_as_sent()"
    )


def downgrade() -> None:
    op.drop_table("yearly_list_file")
    op.drop_table("result_opinion")
    op.drop_table("opinion_mask")
    op.drop_table("amendment_source")
    op.drop_table("passage_lineage")
    op.drop_table("opinion")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION opinion_stays_as_sent")
    op.drop_table("amendment")
    op.drop_table("passage")
    op.drop_table("submission")
    op.drop_table("answer_form")
    op.drop_table("result_part")
    op.drop_table("result_file")
    op.drop_table("opinion_group")
    op.drop_table("document_version")
    op.drop_table("viewing_place")
    op.drop_table("text_cluster")
    op.drop_table("response_category")
    op.drop_table("eligibility")
    op.drop_table("document")
    op.drop_table("campaign_result")
    op.drop_table("campaign_notice")
    op.drop_table("campaign_import")
    op.drop_table("campaign_channel")
    op.drop_table("campaign")
