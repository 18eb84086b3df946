"""Forms of signing in and of one's own account."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import EqualTo

from participation.accounts.passwords import MAX_LENGTH, MIN_LENGTH
from participation.web.forms import Form, at_most, required

_PASSWORD_HELP = _l(
    "%(min)d文字以上。記号や数字を混ぜる必要はありません。関係のない言葉をいくつかつなげると、"
    "覚えやすく破られにくくなります。",
    min=MIN_LENGTH,
)


class SignInForm(Form):
    """Address and password."""

    email = EmailField(_l("メールアドレス"), [required(), at_most(254)])
    password = PasswordField(_l("パスワード"), [required(), at_most(MAX_LENGTH)])


class CodeForm(Form):
    """The code of the second step, also the first one of a new secret."""

    totp_code = StringField(
        _l("認証コード"),
        [required(), at_most(20)],
        description=_l("認証アプリに表示されている6桁の数字"),
    )


class NewPasswordForm(Form):
    """A first password."""

    password = PasswordField(
        _l("新しいパスワード"), [required(), at_most(MAX_LENGTH)], description=_PASSWORD_HELP
    )
    password_again = PasswordField(
        _l("新しいパスワード（確認）"),
        [required(), EqualTo("password", _l("上の欄と同じパスワードを入力してください。"))],
    )


class ChangePasswordForm(Form):
    """Another password."""

    current = PasswordField(_l("現在のパスワード"), [required(), at_most(MAX_LENGTH)])
    password = PasswordField(
        _l("新しいパスワード"), [required(), at_most(MAX_LENGTH)], description=_PASSWORD_HELP
    )
    password_again = PasswordField(
        _l("新しいパスワード（確認）"),
        [required(), EqualTo("password", _l("上の欄と同じパスワードを入力してください。"))],
    )


class CurrentPasswordForm(Form):
    """The current password, before something that could lock the person out."""

    current = PasswordField(_l("現在のパスワード"), [required(), at_most(MAX_LENGTH)])
