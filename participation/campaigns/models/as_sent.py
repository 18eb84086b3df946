"""The rule, in the database itself, that the words of an opinion stay as they were sent.

Whatever sends the statement, it is refused. Only what somebody typed from paper may be put right,
until a second person has compared it with the paper (services/desk.py).
"""

from sqlalchemy import DDL, event

from participation.campaigns.models.submissions import Opinion

_SQLITE = """CREATE TRIGGER opinion_as_sent
BEFORE UPDATE OF text, reason, place, submission_id, number ON opinion
WHEN (OLD.text IS NOT NEW.text OR OLD.reason IS NOT NEW.reason
OR OLD.place IS NOT NEW.place OR OLD.submission_id IS NOT NEW.submission_id
OR OLD.number IS NOT NEW.number) AND NOT EXISTS (SELECT 1 FROM submission
WHERE id = OLD.submission_id AND typed_by IS NOT NULL AND checked_by IS NULL)
BEGIN SELECT RAISE(ABORT, 'an opinion stays as sent'); END"""

_POSTGRES_FUNCTION = """CREATE OR REPLACE FUNCTION opinion_stays_as_sent()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF EXISTS (SELECT 1 FROM submission WHERE id = OLD.submission_id
AND typed_by IS NOT NULL AND checked_by IS NULL) THEN RETURN NEW; END IF;
RAISE EXCEPTION 'an opinion stays as sent' USING ERRCODE = '23514'; END $$"""

_POSTGRES_TRIGGER = """CREATE TRIGGER opinion_as_sent
BEFORE UPDATE OF text, reason, place, submission_id, number ON opinion FOR EACH ROW
WHEN (OLD.text IS DISTINCT FROM NEW.text OR OLD.reason IS DISTINCT FROM NEW.reason
OR OLD.place IS DISTINCT FROM NEW.place
OR OLD.submission_id IS DISTINCT FROM NEW.submission_id
OR OLD.number IS DISTINCT FROM NEW.number)
EXECUTE FUNCTION opinion_stays_as_sent()"""

for _dialect, _words in (
    ("sqlite", _SQLITE),
    ("postgresql", _POSTGRES_FUNCTION),
    ("postgresql", _POSTGRES_TRIGGER),
):
    _rule = DDL(_words)  # type: ignore[no-untyped-call]
    event.listen(Opinion.__table__, "after_create", _rule.execute_if(dialect=_dialect))
