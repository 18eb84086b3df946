"""The template components: what is tied to what, and that no text becomes markup."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import html5lib
import pytest
from flask import Flask, render_template_string
from flask_babel import Babel, get_locale
from flask_wtf import CSRFProtect, FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FileField,
    Form,
    FormField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from participation.core import clock

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = '"><script>alert(1)</script>'


class Contact(Form):
    person = StringField("氏名", [InputRequired("氏名を入力してください")])


class Sample(FlaskForm):
    name = StringField("件名", [InputRequired("件名を入力してください")], description="40文字まで")
    secret = PasswordField("パスワード", [InputRequired("入力してください")])
    text = TextAreaField("実績", [InputRequired("実績を入力してください")])
    department = SelectField(
        "担当課", [InputRequired("選んでください")], choices=[SelectChoice("", "－")]
    )
    answer = RadioField(
        "回答",
        [InputRequired("回答を選んでください")],
        choices=[SelectChoice("a", "実績"), SelectChoice("b", "該当なし")],
    )
    columns = SelectMultipleField(
        "列",
        [InputRequired("列を選んでください")],
        choices=[SelectChoice("1", "実績"), SelectChoice("2", "予定")],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    sure = BooleanField("確かめました", [InputRequired("確かめてください")])
    day = DateField("期限", [InputRequired("期限を入力してください")])
    file = FileField("ファイル", [InputRequired("ファイルを選んでください")])
    contact = FormField(Contact, "連絡先")
    aliases = FieldList(
        StringField("別名", [InputRequired("別名を入力してください")]), "別名の一覧"
    )


@pytest.fixture
def page() -> Iterator[Flask]:
    app = Flask("components", template_folder=str(ROOT / "templates"))
    app.config.update(SECRET_KEY="k" * 32, BABEL_DEFAULT_LOCALE="ja", TESTING=True)
    Babel(app)
    CSRFProtect(app)
    app.jinja_env.globals.update(
        asset=lambda path: f"/static/{path}",
        style_sheet_address=lambda: "/styles.css",
        get_locale=get_locale,
    )
    app.jinja_env.filters["local_datetime"] = str  # stands in for the app's own
    with app.test_request_context("/"):
        yield app


def _parse(source: str, **context: object) -> html5lib.treebuilders.base.Node:
    text = render_template_string(source, **context)
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parseFragment(text)
    assert not [code for _, code, _ in parser.errors], parser.errors
    return tree


FIELDS = """{% from 'components/forms.html' import field, error_summary %}
{{ error_summary(form) }}
{% for item in form if item.type != 'CSRFTokenField' %}{{ field(item, help=help) }}{% endfor %}"""


def _sent(data: dict[str, str]) -> Sample:
    form = Sample(formdata=MultiDict(data), meta={"csrf": False})
    form.validate()
    return form


def test_every_reference_of_a_field_leads_somewhere(page):
    tree = _parse(FIELDS, form=_sent({"aliases-0": ""}), help="")
    ids = {element.get("id") for element in tree.iter() if element.get("id")}
    described = [e.get("aria-describedby") for e in tree.iter() if e.get("aria-describedby")]
    assert len(described) >= 11
    assert {part for value in described for part in value.split()} <= ids
    assert {e.get("for") for e in tree.iter("label")} <= ids
    assert {e.get("href").removeprefix("#") for e in tree.iter("a")} <= ids


def test_each_faulty_field_is_in_the_summary_once_and_marked_invalid(page):
    tree = _parse(FIELDS, form=_sent({"aliases-0": ""}), help="")
    assert len(list(tree.iter("a"))) == 11
    invalid = {e.get("id") for e in tree.iter() if e.get("aria-invalid") == "true"}
    expected = {
        "name",
        "secret",
        "text",
        "department",
        "answer",
        "columns-0",
        "sure",
        "day",
        "file",
    }
    assert expected <= invalid
    assert {"contact-person", "aliases-0"} <= invalid


def test_a_good_form_has_no_summary_and_no_error(page):
    tree = _parse(FIELDS, form=Sample(meta={"csrf": False}), help="")
    assert not [e for e in tree.iter() if e.get("class") in {"error-summary", "field__error"}]
    assert not [e for e in tree.iter() if e.get("aria-invalid")]


def test_a_list_of_checkboxes_does_not_demand_all_of_them(page):
    tree = _parse(FIELDS, form=Sample(meta={"csrf": False}), help="")
    boxes = [e for e in tree.iter("input") if e.get("name") == "columns"]
    assert len(boxes) == 2
    assert not [box for box in boxes if "required" in box.attrib]


def test_help_replaces_the_description_and_is_read_out_before_the_error(page):
    tree = _parse(FIELDS, form=_sent({}), help="声に出す説明")
    control = next(e for e in tree.iter("input") if e.get("id") == "name")
    assert control.get("aria-describedby") == "name-help name-error"
    helps = [e.text for e in tree.iter("p") if e.get("id") == "name-help"]
    assert helps == ["声に出す説明"]


@pytest.mark.parametrize(
    ("component", "call"),
    [
        ("forms", "submit(x, name=x)"),
        ("buttons", "link_button(x, x)"),
        ("buttons", "post_button(x, x, fields={x: x})"),
        ("buttons", "download_link(x, x, x)"),
        ("status", "chip(x, x)"),
        ("status", "notice(x)"),
        ("empty", "empty_state(x, x)"),
        ("progress", "progress(1, 2, x)"),
        ("progress", "job_progress(x, 1, 2, x, x)"),
        ("definition", "definition_list([(x, x)])"),
        ("diff", "two_texts(x, x, x, x, x, x)"),
        ("breadcrumbs", "breadcrumbs([(x, x), (x, x)])"),
        ("history", "history_list([{'what': x, 'who': x, 'when': now, 'reason': x}])"),
        ("contact", "contact_lines([{'label': x, 'value': x}])"),
        ("tables", "sort_header(x, x)"),
    ],
)
def test_text_stays_text(page, component, call):
    source = "{% import 'components/" + component + ".html' as c %}{{ c." + call + " }}"
    text = render_template_string(source, x=HOSTILE, now=clock.now())
    assert "<script" not in text
    assert "alert(1)" in text


def test_a_table_region_can_be_reached_and_named(page):
    source = (
        "{% from 'components/tables.html' import table_region %}"
        "{% call table_region(x) %}<p>{{ x }}</p>{% endcall %}"
    )
    region = next(e for e in _parse(source, x=HOSTILE).iter("div"))
    assert (region.get("role"), region.get("tabindex")) == ("region", "0")
    assert region.get("aria-label") == HOSTILE
    assert [p.text for p in region.iter("p")] == [HOSTILE]


@pytest.mark.parametrize(
    ("done", "total", "step"),
    [(0, 12, "0"), (1, 12, "0"), (3, 12, "1"), (11, 12, "4"), (12, 12, "5"), (13, 12, "5")],
)
def test_heat_cell_says_its_figures_and_reaches_the_last_step_only_when_all_is_done(
    page, done, total, step
):
    source = "{% from 'components/progress.html' import heat_cell %}{{ heat_cell(done, total) }}"
    text = render_template_string(source, done=done, total=total)
    assert f"heat__cell--{step}" in text
    assert f"{done}/{total}" in text


def test_heat_cell_without_anything_to_do(page):
    source = "{% from 'components/progress.html' import heat_cell %}{{ heat_cell(0, 0) }}"
    assert "対象なし" in render_template_string(source)


def test_pages_draws_nothing_when_there_is_one_page_of_unknown_length(page):
    source = "{% from 'components/pagination.html' import pages %}{{ pages(page) }}"
    single = SimpleNamespace(previous_url=None, next_url=None, total=None)
    assert render_template_string(source, page=single).strip() == ""
    counted = SimpleNamespace(previous_url=None, next_url="/?before=3", total=1234)
    text = render_template_string(source, page=counted)
    assert "全1,234件" in text
    assert 'href="/?before=3"' in text
    assert "前のページ" not in text


def test_error_page_needs_no_city_and_gives_the_post_address_at_503(page):
    page.config["CITY_CONTACT_LINES"] = [{"label": "FAX", "value": "0000-00-0001"}]
    source = "{% extends 'errors/page.html' %}"
    words = {"title": "受け付けができません", "message": "", "advice": "お待ちください。"}
    assert "0000-00-0001" in render_template_string(source, status=503, **words)
    assert "0000-00-0001" not in render_template_string(source, status=500, **words)


def test_styles_and_script_name_no_other_origin():
    files = [
        *ROOT.glob("participation/static/css/**/*.css"),
        *ROOT.glob("participation/static/js/*"),
    ]
    assert len(files) >= 10
    for file in files:
        text = file.read_text()
        assert "://" not in text, file
        assert "@import" not in text, file
        assert "innerHTML" not in text, file


def test_no_template_turns_off_escaping_or_styles_inline():
    for file in ROOT.glob("templates/**/*.html"):
        text = file.read_text()
        assert "|safe" not in text.replace(" ", ""), file
        if "pdf" not in file.relative_to(ROOT / "templates").parts:
            assert " style=" not in text, file
