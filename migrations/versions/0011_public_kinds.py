"""Public documents know their kind, and lie in the index by day, with kind and department.

What was there is made again by the worker's next minute from the announced campaigns and the
published results, which is where it came from; nothing else is held in these rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Keys of the public corpus: its number is 3, above 59 bits of scope and row.
FIRST, LAST = 3 << 59, (4 << 59) - 1


def upgrade() -> None:
    _forget()
    _create(sa.Column("kind", sa.Integer(), nullable=False))


def downgrade() -> None:
    _forget()
    _create()


def _forget() -> None:
    op.drop_table("public_document")
    entry = sa.table("search_entry", sa.column("key", sa.BigInteger))
    op.execute(entry.delete().where(entry.c.key.between(FIRST, LAST)))
    if op.get_bind().dialect.name == "sqlite":
        gram = sa.table("search_gram", sa.column("rowid", sa.BigInteger))
        op.execute(gram.delete().where(gram.c.rowid.between(FIRST, LAST)))


def _create(*more: sa.Column[int]) -> None:
    op.create_table(
        "public_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), nullable=False),
        *more,
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_document")),
    )
    op.create_index(
        "uq_public_document_place", "public_document", ["reference", "place"], unique=True
    )
