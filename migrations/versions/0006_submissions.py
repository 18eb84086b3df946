"""Receipts, senders, attachments and saved forms."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=True),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
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
        sa.CheckConstraint(
            "channel <> 'web' OR secret_hash IS NOT NULL", name=op.f("ck_receipt_web_has_secret")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_receipt_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_receipt_number")),
    )
    op.create_index("ix_receipt_subject", "receipt", ["subject", "id"], unique=False)
    op.create_table(
        "saved_form",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_form")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_saved_form_token_hash")),
    )
    op.create_index("ix_saved_form_expires_at", "saved_form", ["expires_at"], unique=False)
    op.create_table(
        "used_challenge",
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("signature", name=op.f("pk_used_challenge")),
    )
    op.create_index("ix_used_challenge_expires_at", "used_challenge", ["expires_at"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "receipt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("data_key", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_attachment_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_attachment_receipt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_receipt_id"), "attachment", ["receipt_id"], unique=False)
    op.create_table(
        "sender",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "receipt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("contents", sa.Text(), nullable=True),
        sa.Column("erase_on", sa.Date(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(contents IS NULL) = (erased_at IS NOT NULL)", name=op.f("ck_sender_erased")
        ),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_sender_receipt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sender")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_sender_receipt_id")),
    )
    op.create_index("ix_sender_erase_on", "sender", ["erase_on"], unique=False)


def downgrade() -> None:
    op.drop_table("sender")
    op.drop_table("attachment")
    op.drop_table("used_challenge")
    op.drop_table("saved_form")
    op.drop_table("receipt")
