"""Departments, their periods and successors."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "department",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("telephone", sa.String(length=60), nullable=False),
        sa.Column("fax", sa.String(length=60), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("code", name=op.f("uq_department_code")),
    )
    op.create_table(
        "department_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("division", sa.String(length=120), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_department_period_order")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_department_period_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department_period")),
        sa.UniqueConstraint(
            "department_id",
            "valid_from",
            name=op.f("uq_department_period_department_id_valid_from"),
        ),
    )
    op.create_index(op.f("ix_department_period_name"), "department_period", ["name"], unique=False)
    op.create_table(
        "department_succession",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("predecessor_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "predecessor_id <> successor_id", name=op.f("ck_department_succession_distinct")
        ),
        sa.ForeignKeyConstraint(
            ["predecessor_id"],
            ["department.id"],
            name=op.f("fk_department_succession_predecessor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["department.id"], name=op.f("fk_department_succession_successor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department_succession")),
        sa.UniqueConstraint(
            "predecessor_id",
            "successor_id",
            name=op.f("uq_department_succession_predecessor_id_successor_id"),
        ),
    )
    op.create_index(
        op.f("ix_department_succession_predecessor_id"),
        "department_succession",
        ["predecessor_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_department_succession_successor_id"),
        "department_succession",
        ["successor_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("department_succession")
    op.drop_table("department_period")
    op.drop_table("department")
