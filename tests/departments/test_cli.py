"""The command group departments."""

from datetime import date

from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from participation.departments import queries
from tests.factories import make_department


def test_a_reorganisation_by_command(app: Flask, session: Session) -> None:
    def run(*arguments: str) -> Result:
        session.rollback()
        return app.test_cli_runner().invoke(args=["departments", *arguments])

    assert (
        run("create", "環境美化センター", "--from", "2015-04-01", "--code", "bika").exit_code == 0
    )
    made = run("create", "清掃課", "--from", "2023-04-01", "--division", "環境部")
    assert made.stdout == "D002\n"
    done = run("succeed", "--old", "bika", "--new", "D002", "--on", "2023-04-01")
    assert done.exit_code == 0, done.output
    assert run("rename", "D002", "清掃リサイクル課", "--from", "2024-04-01").exit_code == 0
    listed = run("list", "--on", "2024-04-01").stdout
    assert listed == "D002\t清掃リサイクル課\t環境部\t2024-04-01\t\n"
    assert run("list", "--on", "2023-03-31").stdout.startswith("bika\t環境美化センター")
    assert len(run("list", "--all").stdout.splitlines()) == 3
    assert run("close", "D002", "--last-day", "2026-03-31").exit_code == 0
    assert run("list", "--on", "2026-04-01").stdout == ""
    for wrong in (
        ("close", "D002", "--last-day", "2026-03-31"),
        ("close", "none", "--last-day", "2026-03-31"),
        ("rename", "bika", "新名", "--from", "2025-04-01"),
        ("create", "清掃課", "--from", "2023-04-01"),
        ("succeed", "--old", "bika", "--new", "D002", "--on", "2023-04-01"),
    ):
        refused = run(*wrong)
        assert refused.exit_code == 1, wrong
        assert refused.stderr


def test_the_list_takes_today_by_default(app: Flask, session: Session) -> None:
    make_department(session, "市民協働課")
    make_department(session, "旧課", until=date(2021, 3, 31))
    assert len(queries.all_departments(session)) == 2
    session.rollback()
    listed = app.test_cli_runner().invoke(args=["departments", "list"]).stdout
    assert "市民協働課" in listed
    assert "旧課" not in listed
