"""Staff pages of a questionnaire: writing it, typing answers from paper, results, exports."""

from collections.abc import Iterator

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.core import clock
from participation.core.charts import shares
from participation.core.errors import InvalidInput, NotFound, StateConflict
from participation.db.extension import db
from participation.files.web import send_bytes
from participation.policy import Permission, reaches
from participation.sheets.write_csv import write_csv
from participation.sheets.write_xlsx import Sheet, write_xlsx
from participation.web import gate, transaction
from participation.web.forms import put_error
from participation.web.templating import local_datetime_filter
from participation.workshops.forms.public_form import new_key
from participation.workshops.forms.questionnaire import QuestionnaireForm
from participation.workshops.models import Questionnaire, Workshop
from participation.workshops.queries import questionnaires as queries
from participation.workshops.queries.workshops import get_workshop
from participation.workshops.questions import check_answers, read_questions, words_of
from participation.workshops.services import questionnaires as services
from participation.workshops.views import pages
from participation.workshops.views.answering import form_key, typed_answers
from participation.workshops.views.blueprints import staff
from participation.workshops.views.speech import deadline

_ONE = "/<int:workshop_id>/questionnaire"
_FORMATS = ("xlsx", "csv", "csv-cp932")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CONFLICT, _INVALID = 409, 422
_LABEL_WIDTH = 30


@staff.get(f"{_ONE}/")
@gate.requires(Permission.WORKSHOP_READ)
def questionnaire(workshop_id: int) -> ResponseReturnValue:
    """Show the questionnaire with what was answered so far."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_READ)
    session = db.session()
    stored = queries.find_questionnaire(session, found.id)
    results = queries.results_of(session, stored) if stored is not None else None
    return pages.page(
        "workshops/staff/questionnaire.html",
        found,
        actor,
        tab="questionnaire",
        stored=stored,
        results=results,
        charts={
            one.question.key: shares(one.counts, one.answered)
            for one in (results.questions if results is not None else ())
            if one.counts
        },
        is_open=stored is not None and services.is_open(found, stored, clock.now()),
        deadline=deadline,
        may_write=reaches(actor, Permission.WORKSHOP_WRITE, found.department_id),
        formats=_FORMATS,
    )


@staff.route(f"{_ONE}/edit", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_WRITE)
def edit_questionnaire(workshop_id: int) -> ResponseReturnValue:
    """Write the questionnaire."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    session, form = db.session(), QuestionnaireForm()
    stored = queries.find_questionnaire(session, found.id)
    refusal = ""
    if request.method == "GET" and stored is not None:
        form.fill(stored)
    if form.validate_on_submit():
        try:
            opens_at, closes_at = form.window()
            changed = services.save_questionnaire(
                session,
                found,
                introduction=form.introduction.data or "",
                questions=form.asked(),
                opens_at=opens_at,
                closes_at=closes_at,
                version=form.version_seen(),
                actor=actor,
                now=clock.now(),
            )
        except InvalidInput as error:
            transaction.discard()
            if not form.put_question_error(error):
                put_error(form, error)
        except StateConflict as error:
            transaction.discard()
            refusal = str(error)
        else:
            transaction.commit()
            flash(_("保存しました。") if changed else _("変更はありませんでした。"), "success")
            return redirect(_back(workshop_id), 303)
    stored = queries.find_questionnaire(session, workshop_id)
    form.show_version(stored.version if stored is not None else 0)
    page = pages.page(
        "workshops/staff/questionnaire_edit.html",
        get_workshop(session, workshop_id),
        actor,
        tab="questionnaire",
        form=form,
        back=_back(workshop_id),
        refusal=refusal,
        fixed=queries.has_answers(session, workshop_id),
        asked=max(len(form.asked()), 1),
    )
    wrong = (
        form.errors or form.form_errors or any(entry.form.label.errors for entry in form.questions)
    )
    return page, _CONFLICT if refusal else _INVALID if wrong else 200


@staff.route(f"{_ONE}/answers/new", methods=["GET", "POST"])
@gate.requires(Permission.WORKSHOP_WRITE)
def type_answer(workshop_id: int) -> ResponseReturnValue:
    """Type one answer from paper; the next empty form follows."""
    found, actor = pages.load(workshop_id, Permission.WORKSHOP_WRITE)
    session = db.session()
    stored = queries.get_questionnaire(session, found.id)
    questions = read_questions(stored.questions)
    typed, errors = typed_answers(request.form), dict[str, str]()
    key = form_key(request.form) if request.method == "POST" else new_key()
    if request.method == "POST":
        answers, errors = check_answers(questions, typed)
        if not errors:
            try:
                new = services.store_answer(
                    session,
                    found,
                    stored,
                    answers,
                    form_key=key,
                    typed=True,
                    actor=actor,
                    now=clock.now(),
                )
            except InvalidInput as error:
                transaction.discard()
                errors = {questions[0].key: str(error)}
            else:
                transaction.commit()
                count = queries.count_answers(session, workshop_id)
                flash(
                    _("入力しました。回答は%(count)s件です。", count=count)
                    if new
                    else _("この回答はすでに入力されています。"),
                    "success" if new else "info",
                )
                return redirect(url_for(".type_answer", workshop_id=workshop_id), 303)
    page = pages.page(
        "workshops/staff/questionnaire_answer.html",
        get_workshop(session, workshop_id),
        actor,
        tab="questionnaire",
        questions=questions,
        typed=typed,
        errors=errors,
        key=key,
        back=_back(workshop_id),
    )
    return page, _INVALID if errors else 200


@staff.get(f"{_ONE}/answers.<answer_format>")
@gate.requires(Permission.WORKSHOP_READ)
def export_answers(workshop_id: int, answer_format: str) -> ResponseReturnValue:
    """Hand out all answers as a table, a line for each."""
    found, _actor = pages.load(workshop_id, Permission.WORKSHOP_READ)
    if answer_format not in _FORMATS:
        raise NotFound("お探しの形式はありません。アンケートのページからお選びください。")
    session, now = db.session(), clock.now()
    stored = queries.get_questionnaire(session, found.id)
    header, rows = _table(stored)
    name = f"アンケート_{found.id}_{clock.local(now):%Y%m%d}"
    if answer_format == "xlsx":
        widths = (8, 26, 10, *(_LABEL_WIDTH for _each in header[3:]))
        sheet = Sheet("回答", header, rows, widths)
        data = write_xlsx([sheet], title=_title(found), created=now)
        return send_bytes(data, name=f"{name}.xlsx", media_type=_XLSX)
    encoding = "cp932" if answer_format == "csv-cp932" else "utf-8-sig"
    table = write_csv(header, rows, encoding=encoding)  # type: ignore[arg-type]
    ending = "_ShiftJIS.csv" if answer_format == "csv-cp932" else ".csv"
    return send_bytes(table.data, name=name + ending, media_type="text/csv")


def _table(stored: Questionnaire) -> tuple[tuple[str, ...], Iterator[list[str | int]]]:
    session, questions = db.session(), read_questions(stored.questions)
    header = ("番号", "日時", "受け方", *(one.label for one in questions))
    return header, (
        [
            number,
            local_datetime_filter(answer.at),
            "ウェブ" if answer.typed_by is None else "紙",
            *(words_of(answer.answers.get(one.key)) for one in questions),
        ]
        for number, answer in enumerate(queries.all_answers(session, stored.workshop_id), start=1)
    )


def _title(workshop: Workshop) -> str:
    return f"アンケート：{workshop.title}"


def _back(workshop_id: int) -> str:
    return url_for(".questionnaire", workshop_id=workshop_id)
