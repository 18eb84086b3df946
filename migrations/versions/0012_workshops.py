"""Workshops: events, days, seats, registrations, outcome."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workshop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "preparing",
                "announced",
                "postponed",
                "cancelled",
                "reported",
                name="workshopstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("title_kana", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("plan_name", sa.String(length=300), nullable=False),
        sa.Column("related", sa.String(length=60), nullable=False),
        sa.Column(
            "extra", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "sign_up",
            sa.Enum(
                "whole",
                "each_day",
                "none",
                name="signup",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("how_else", sa.Text(), nullable=False),
        sa.Column("target", sa.String(length=300), nullable=False),
        sa.Column("fee", sa.String(length=120), nullable=False),
        sa.Column("belongings", sa.String(length=300), nullable=False),
        sa.Column("organiser", sa.String(length=200), nullable=False),
        sa.Column("largest_party", sa.Integer(), nullable=False),
        sa.Column(
            "sender_fields",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "needs", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "priority", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("offer_hours", sa.Integer(), nullable=False),
        sa.Column("reminder_days", sa.Integer(), nullable=True),
        sa.Column("retention_days", sa.Integer(), nullable=False),
        sa.Column("section_name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("fax", sa.String(length=60), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("stop_reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state = 'preparing' OR announced_on IS NOT NULL", name=op.f("ck_workshop_announced")
        ),
        sa.CheckConstraint(
            "state NOT IN ('postponed', 'cancelled') OR stop_reason <> ''",
            name=op.f("ck_workshop_stopped_reason"),
        ),
        sa.CheckConstraint("largest_party >= 1", name=op.f("ck_workshop_party")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_workshop_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop")),
    )
    op.create_index("ix_workshop_department_id", "workshop", ["department_id", "id"], unique=False)
    op.create_index("ix_workshop_fiscal_year", "workshop", ["fiscal_year", "id"], unique=False)
    op.create_index("ix_workshop_state", "workshop", ["state", "last_day"], unique=False)
    op.create_table(
        "questionnaire",
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("introduction", sa.Text(), nullable=False),
        sa.Column(
            "questions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_questionnaire_window")),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_questionnaire_workshop_id")
        ),
        sa.PrimaryKeyConstraint("workshop_id", name=op.f("pk_questionnaire")),
    )
    op.create_table(
        "workshop_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heading", sa.String(length=120), nullable=False),
        sa.Column("at_venue", sa.Boolean(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("venue", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("latitude", sa.String(length=20), nullable=False),
        sa.Column("longitude", sa.String(length=20), nullable=False),
        sa.Column("online_access", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("stop_reason", sa.Text(), nullable=False),
        sa.Column("walk_ins", sa.Integer(), nullable=False),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.CheckConstraint("at_venue OR online", name=op.f("ck_workshop_day_somewhere")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_workshop_day_time")),
        sa.CheckConstraint(
            "walk_ins >= 0 AND again >= 0 AND again <= walk_ins",
            name=op.f("ck_workshop_day_walk_ins"),
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_day_workshop_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop_day")),
    )
    op.create_index("ix_workshop_day_starts_at", "workshop_day", ["starts_at"], unique=False)
    op.create_index(
        "ix_workshop_day_workshop_id", "workshop_day", ["workshop_id", "starts_at"], unique=False
    )
    op.create_table(
        "workshop_eligibility",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_eligibility_workshop_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop_eligibility")),
        sa.UniqueConstraint(
            "workshop_id", "position", name=op.f("uq_workshop_eligibility_workshop_id_position")
        ),
    )
    op.create_table(
        "workshop_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "photo",
                "material",
                name="workshopfilekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_workshop_file_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_file_workshop_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop_file")),
    )
    op.create_index(
        "ix_workshop_file_workshop_id",
        "workshop_file",
        ["workshop_id", "kind", "position"],
        unique=False,
    )
    op.create_table(
        "workshop_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "changed",
                "postponed",
                "resumed",
                "cancelled",
                "other",
                name="workshopnoticekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_notice_workshop_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop_notice")),
    )
    op.create_index(
        "ix_workshop_notice_workshop_id", "workshop_notice", ["workshop_id", "id"], unique=False
    )
    op.create_table(
        "workshop_outcome",
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("became", sa.Text(), nullable=False),
        sa.Column(
            "links", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("edited_by", sa.Integer(), nullable=True),
        sa.Column(
            "published", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "corrections",
            sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
            nullable=False,
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edited_by"], ["staff_user.id"], name=op.f("fk_workshop_outcome_edited_by")
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_outcome_workshop_id")
        ),
        sa.PrimaryKeyConstraint("workshop_id", name=op.f("pk_workshop_outcome")),
    )
    op.create_table(
        "workshop_poster",
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_workshop_poster_file_id")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_workshop_poster_job_id")),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_poster_workshop_id")
        ),
        sa.PrimaryKeyConstraint("workshop_id", name=op.f("pk_workshop_poster")),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
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
        sa.Column("party", sa.Integer(), nullable=False),
        sa.Column("eligibility_id", sa.Integer(), nullable=True),
        sa.Column("first_time", sa.Boolean(), nullable=False),
        sa.Column("has_mail", sa.Boolean(), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.Column("door_code", sa.String(length=32), nullable=False),
        sa.Column("network_key", sa.String(length=64), nullable=True),
        sa.Column("typed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("party >= 1", name=op.f("ck_application_party")),
        sa.ForeignKeyConstraint(
            ["eligibility_id"],
            ["workshop_eligibility.id"],
            name=op.f("fk_application_eligibility_id"),
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_application_receipt_id")
        ),
        sa.ForeignKeyConstraint(
            ["typed_by"], ["staff_user.id"], name=op.f("fk_application_typed_by")
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_application_workshop_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("door_code", name=op.f("uq_application_door_code")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_application_link_hash")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_application_receipt_id")),
    )
    op.create_index(
        "ix_application_workshop_id", "application", ["workshop_id", "id"], unique=False
    )
    op.create_table(
        "questionnaire_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column(
            "answers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("typed_by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["typed_by"], ["staff_user.id"], name=op.f("fk_questionnaire_answer_typed_by")
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"],
            ["questionnaire.workshop_id"],
            name=op.f("fk_questionnaire_answer_workshop_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_answer")),
        sa.UniqueConstraint(
            "idempotency_key", name=op.f("uq_questionnaire_answer_idempotency_key")
        ),
    )
    op.create_index(
        "ix_questionnaire_answer_workshop_id",
        "questionnaire_answer",
        ["workshop_id", "id"],
        unique=False,
    )
    op.create_table(
        "seat_pool",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("day_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "venue",
                "online",
                "childcare",
                name="seatkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "method",
            sa.Enum(
                "first_come",
                "lottery",
                "invited",
                name="seatmethod",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("has_waitlist", sa.Boolean(), nullable=False),
        sa.Column("youngest_months", sa.Integer(), nullable=True),
        sa.Column("oldest_months", sa.Integer(), nullable=True),
        sa.Column("until_school", sa.Boolean(), nullable=False),
        sa.Column("draw_seed", sa.Text(), nullable=True),
        sa.Column("draw_commitment", sa.String(length=64), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(method = 'lottery') = (draw_commitment IS NOT NULL)",
            name=op.f("ck_seat_pool_commitment"),
        ),
        sa.CheckConstraint(
            "capacity IS NOT NULL OR method = 'first_come'", name=op.f("ck_seat_pool_limited")
        ),
        sa.CheckConstraint(
            "drawn_at IS NULL OR method = 'lottery'", name=op.f("ck_seat_pool_drawn")
        ),
        sa.CheckConstraint(
            "kind <> 'childcare' OR method = 'first_come'",
            name=op.f("ck_seat_pool_childcare_method"),
        ),
        sa.CheckConstraint(
            "capacity IS NULL OR taken <= capacity", name=op.f("ck_seat_pool_capacity")
        ),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_seat_pool_window")),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_seat_pool_taken")),
        sa.ForeignKeyConstraint(["day_id"], ["workshop_day.id"], name=op.f("fk_seat_pool_day_id")),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_seat_pool_workshop_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_pool")),
        sa.UniqueConstraint("day_id", "kind", name=op.f("uq_seat_pool_day_id_kind")),
    )
    op.create_index("ix_seat_pool_closes_at", "seat_pool", ["closes_at"], unique=False)
    op.create_index("ix_seat_pool_workshop_id", "seat_pool", ["workshop_id", "id"], unique=False)
    op.create_index(
        "uq_seat_pool_whole",
        "seat_pool",
        ["workshop_id", "kind"],
        unique=True,
        sqlite_where=sa.text("day_id IS NULL"),
        postgresql_where=sa.text("day_id IS NULL"),
    )
    op.create_table(
        "workshop_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "typed",
                "changed",
                "postponed",
                "cancelled",
                "questionnaire",
                name="letterkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("day_id", sa.Integer(), nullable=True),
        sa.Column(
            "statuses", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"], ["staff_user.id"], name=op.f("fk_workshop_letter_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["day_id"], ["workshop_day.id"], name=op.f("fk_workshop_letter_day_id")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_workshop_letter_job_id")),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_letter_workshop_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop_letter")),
    )
    op.create_index(
        "ix_workshop_letter_workshop_id", "workshop_letter", ["workshop_id", "id"], unique=False
    )
    op.create_table(
        "attendance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day_id", sa.Integer(), nullable=False),
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "qr",
                "hand",
                "list",
                name="checkinway",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.CheckConstraint("people >= 1", name=op.f("ck_attendance_people")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_attendance_application_id")
        ),
        sa.ForeignKeyConstraint(["by"], ["staff_user.id"], name=op.f("fk_attendance_by")),
        sa.ForeignKeyConstraint(["day_id"], ["workshop_day.id"], name=op.f("fk_attendance_day_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint(
            "day_id", "application_id", name=op.f("uq_attendance_day_id_application_id")
        ),
    )
    op.create_index(
        op.f("ix_attendance_application_id"), "attendance", ["application_id"], unique=False
    )
    op.create_table(
        "attendee_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("day_id", sa.Integer(), nullable=False),
        sa.Column("by_number", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("data_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"], ["staff_user.id"], name=op.f("fk_attendee_sheet_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["day_id"], ["workshop_day.id"], name=op.f("fk_attendee_sheet_day_id")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_attendee_sheet_file_id")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_attendee_sheet_job_id")),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_attendee_sheet_workshop_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendee_sheet")),
    )
    op.create_index("ix_attendee_sheet_day_id", "attendee_sheet", ["day_id", "id"], unique=False)
    op.create_index("ix_attendee_sheet_expires_at", "attendee_sheet", ["expires_at"], unique=False)
    op.create_table(
        "letter_delivery",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("mailed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_letter_delivery_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["workshop_letter.id"], name=op.f("fk_letter_delivery_letter_id")
        ),
        sa.PrimaryKeyConstraint("letter_id", "application_id", name=op.f("pk_letter_delivery")),
    )
    op.create_table(
        "lottery_draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by", sa.Integer(), nullable=True),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column(
            "priority", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("list_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["drawn_by"], ["staff_user.id"], name=op.f("fk_lottery_draw_drawn_by")
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["seat_pool.id"], name=op.f("fk_lottery_draw_pool_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lottery_draw")),
        sa.UniqueConstraint("pool_id", name=op.f("uq_lottery_draw_pool_id")),
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "applied",
                "confirmed",
                "waitlisted",
                "offered",
                "cancelled",
                "lost",
                "lapsed",
                name="registrationstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_key", sa.String(length=64), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'offered') = (offered_until IS NOT NULL)", name=op.f("ck_registration_offer")
        ),
        sa.CheckConstraint("seats >= 1", name=op.f("ck_registration_seats")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_registration_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["seat_pool.id"], name=op.f("fk_registration_pool_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint(
            "application_id", "pool_id", name=op.f("uq_registration_application_id_pool_id")
        ),
    )
    op.create_index(
        "ix_registration_offered_until", "registration", ["offered_until"], unique=False
    )
    op.create_index(
        "ix_registration_queue", "registration", ["pool_id", "status", "place", "id"], unique=False
    )
    op.create_index(
        "uq_registration_person",
        "registration",
        ["pool_id", "person_key"],
        unique=True,
        sqlite_where=sa.text("status IN ('applied', 'confirmed', 'waitlisted', 'offered')"),
        postgresql_where=sa.text("status IN ('applied', 'confirmed', 'waitlisted', 'offered')"),
    )
    op.create_table(
        "workshop_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_workshop_invitation_application_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_invitation_workshop_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop_invitation")),
        sa.UniqueConstraint("application_id", name=op.f("uq_workshop_invitation_application_id")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_workshop_invitation_code_hash")),
        sa.UniqueConstraint(
            "workshop_id", "number", name=op.f("uq_workshop_invitation_workshop_id_number")
        ),
    )
    op.create_table(
        "draw_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column(
            "registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("won", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["lottery_draw.id"], name=op.f("fk_draw_entry_draw_id")
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_draw_entry_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_entry")),
        sa.UniqueConstraint("draw_id", "rank", name=op.f("uq_draw_entry_draw_id_rank")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_draw_entry_registration_id")),
    )


def downgrade() -> None:
    op.drop_table("draw_entry")
    op.drop_table("workshop_invitation")
    op.drop_table("registration")
    op.drop_table("lottery_draw")
    op.drop_table("letter_delivery")
    op.drop_table("attendee_sheet")
    op.drop_table("attendance")
    op.drop_table("workshop_letter")
    op.drop_table("seat_pool")
    op.drop_table("questionnaire_answer")
    op.drop_table("application")
    op.drop_table("workshop_poster")
    op.drop_table("workshop_outcome")
    op.drop_table("workshop_notice")
    op.drop_table("workshop_file")
    op.drop_table("workshop_eligibility")
    op.drop_table("workshop_day")
    op.drop_table("questionnaire")
    op.drop_table("workshop")
