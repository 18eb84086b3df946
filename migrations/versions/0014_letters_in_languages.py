"""The language a registration was made in, and letters to who has a seat online only."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was there before has been written to in Japanese, and was registered by its forms.
    op.add_column(
        "application",
        sa.Column("language", sa.String(length=8), nullable=False, server_default="ja"),
    )
    op.add_column(
        "workshop_letter",
        sa.Column("online_only", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("workshop_letter", "online_only")
    op.drop_column("application", "language")
