"""Forms of people, their rights, and departments."""

from collections.abc import Iterable
from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import (
    EmailField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Email, InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from participation.accounts.services.appointments import AppointmentTerms
from participation.core.actors import Role
from participation.web.forms import NOT_A_DAY, Day, Form, at_most, required

NOT_AN_ADDRESS = _l("メールアドレスの形になっていません。例：kyodo@city.example.jp")


def _department_id(value: str | None) -> int | None:
    return int(value) if value else None


class PersonForm(Form):
    """Name and address of a person."""

    name = StringField(_l("氏名"), [required(), at_most(120)])
    email = EmailField(
        _l("メールアドレス"),
        [required(), at_most(254)],
        description=_l("招待などのお知らせを送ります。サインインにも使います。"),
    )


class TermsForm(Form):
    """Role, department and days of an appointment."""

    role = RadioField(_l("役割"), [InputRequired(_l("役割を選んでください。"))])
    department_id = SelectField(
        _l("課"),
        [Optional()],
        description=_l("担当者と課長には必要です。ほかの役割では省略できます。"),
    )
    valid_from = Day(_l("開始日"), [InputRequired(NOT_A_DAY)])
    valid_to = Day(_l("最終日"), [Optional()], description=_l("決まっていないときは空欄にします。"))

    def terms(self) -> AppointmentTerms:
        """Return what was entered."""
        return AppointmentTerms(
            role=Role(self.role.data),
            department_id=_department_id(self.department_id.data),
            valid_from=self.valid_from.data or date.min,
            valid_to=self.valid_to.data,
        )


class InviteForm(PersonForm, TermsForm):
    """A person with a first appointment; name and address come first."""


class TransferForm(TermsForm):
    """Where a person goes, from which day and why."""

    reason = StringField(_l("理由"), [required(), at_most(500)])


class EndForm(Form):
    """When and why an appointment ends."""

    last_day = Day(
        _l("最終日"), [Optional()], description=_l("空欄にすると、今すぐ権限がなくなります。")
    )
    reason = StringField(_l("理由"), [required(), at_most(500)])


class ReasonForm(Form):
    """Why."""

    reason = StringField(_l("理由"), [required(), at_most(500)])


class ConfirmForm(Form):
    """Nothing but the button."""


class NewDepartmentForm(Form):
    """A department with its first name."""

    name = StringField(_l("課の名称"), [required(), at_most(120)])
    division = StringField(_l("部"), [at_most(120)])
    valid_from = Day(_l("設置日"), [InputRequired(NOT_A_DAY)])
    code = StringField(
        _l("課コード"),
        [at_most(40)],
        description=_l("ファイルの取込みなどで使う、変わらない符号。空欄にすると自動で付けます。"),
    )
    telephone = StringField(_l("電話"), [at_most(60)])
    fax = StringField(_l("FAX"), [at_most(60)])
    email = EmailField(_l("メールアドレス"), [Optional(), at_most(254), Email(NOT_AN_ADDRESS)])


class ContactForm(Form):
    """What of a department has no history."""

    code = StringField(_l("課コード"), [required(), at_most(40)])
    telephone = StringField(_l("電話"), [at_most(60)])
    fax = StringField(_l("FAX"), [at_most(60)])
    email = EmailField(_l("メールアドレス"), [Optional(), at_most(254), Email(NOT_AN_ADDRESS)])
    position = IntegerField(
        _l("並び順"),
        [InputRequired(_l("数字を入力してください。")), NumberRange(0, 1_000_000)],
        description=_l("小さい順に並びます。"),
    )


class RenameForm(Form):
    """Another name or 部 from a day on."""

    name = StringField(_l("新しい名称"), [required(), at_most(120)])
    division = StringField(_l("部"), [at_most(120)])
    valid_from = Day(_l("変更の日"), [InputRequired(NOT_A_DAY)])


class CorrectForm(Form):
    """A name or 部 that was recorded wrongly."""

    name = StringField(_l("正しい名称"), [required(), at_most(120)])
    division = StringField(_l("部"), [at_most(120)])
    reason = StringField(_l("訂正の理由"), [required(), at_most(500)])


class CloseForm(Form):
    """The last day of a department."""

    last_day = Day(_l("最後の日"), [InputRequired(NOT_A_DAY)])


class DepartmentsField(SelectMultipleField):
    """Departments to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def ids(self) -> list[int]:
        """Return the numbers of those ticked."""
        return [int(value) for value in self.data or ()]


class SuccessionForm(Form):
    """Who takes over from whom."""

    effective_on = Day(_l("引継ぎの日"), [InputRequired(NOT_A_DAY)])
    predecessors = DepartmentsField(_l("前身の課（廃止される課）"))
    successors = DepartmentsField(_l("後継の課"))

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Offer the same departments on both sides."""
        self.predecessors.choices = self.successors.choices = list(choices)


class MoveAllForm(Form):
    """Move everybody of a department to one of its successors."""

    target = SelectField(_l("異動先"), [InputRequired(_l("異動先を選んでください。"))])
    on = Day(_l("異動の日"), [InputRequired(NOT_A_DAY)])
    reason = StringField(_l("理由"), [required(), at_most(500)])


class PeopleFilterForm(Form):
    """What the list of people is narrowed to."""

    class Meta(Form.Meta):
        """A GET form changes nothing and carries no token in its address."""

        csrf = False

    q = StringField(_l("氏名・メールアドレス"), [at_most(120)])
    role = SelectField(_l("役割"))
    department = SelectField(_l("課"))
    state = SelectField(_l("状態"))
