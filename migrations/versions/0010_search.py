"""Full-text search: entries, the index of each engine, and public documents."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

GRAM_TABLE = """CREATE VIRTUAL TABLE search_gram USING fts5(
grams, content='', contentless_delete=1, detail=full, tokenize='ascii')"""

GRAM_FUNCTION = """CREATE OR REPLACE FUNCTION search_grams(form text) RETURNS bigint[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL RESTRICTED COST 500 AS $$
SELECT array_agg(a) || array_agg((a << 21) | b) FILTER (WHERE b IS NOT NULL)
|| array_agg(((a << 42) | (b << 21)) | c) FILTER (WHERE c IS NOT NULL)
FROM (SELECT code AS a, lead(code, 1) OVER (ORDER BY place) AS b,
lead(code, 2) OVER (ORDER BY place) AS c
FROM (SELECT ascii(letter)::bigint AS code, place
FROM unnest(string_to_array(form, NULL)) WITH ORDINALITY AS letters(letter, place)) AS codes)
AS grams $$"""

GRAM_INDEX = "CREATE INDEX ix_search_entry_grams ON search_entry USING gin (search_grams(form))"

NO_STATISTICS = "ALTER INDEX ix_search_entry_grams ALTER COLUMN 1 SET STATISTICS 0"


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "search_entry",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_search_entry")),
    )
    if on_sqlite:
        op.execute(GRAM_TABLE)
    else:
        op.execute(GRAM_FUNCTION)
        op.execute(GRAM_INDEX)
        op.execute(NO_STATISTICS)
    op.create_table(
        "public_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_document")),
    )
    op.create_index(
        "uq_public_document_place", "public_document", ["reference", "place"], unique=True
    )


def downgrade() -> None:
    op.drop_table("public_document")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_gram")
        op.drop_table("search_entry")
    else:
        op.drop_table("search_entry")
        op.execute("DROP FUNCTION search_grams(text)")
