"""The activity that an entry of the yearly report was drafted from."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LIVING = sa.text("activity_ref <> '' AND state <> 'withdrawn'")


def upgrade() -> None:
    op.add_column(
        "entry", sa.Column("activity_ref", sa.String(60), nullable=False, server_default="")
    )
    op.create_index(
        "uq_entry_activity_ref",
        "entry",
        ["activity_ref", "fiscal_year", "kind"],
        unique=True,
        sqlite_where=LIVING,
        postgresql_where=LIVING,
    )


def downgrade() -> None:
    op.drop_index("uq_entry_activity_ref", "entry")
    op.drop_column("entry", "activity_ref")
