"""Errors as pages that help."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, current_app, g, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError

from participation.core.errors import DomainError
from participation.web import transaction
from participation.web.templating import translated


def _texts(status: int) -> tuple[str, str]:
    """Return the title and what to do next for a status."""
    return {
        400: (
            _("送信された内容を読み取れませんでした"),
            _("前のページに戻り、もう一度お試しください。"),
        ),
        403: (
            _("この操作を行う権限がありません"),
            _("担当の変更が必要なときは、システム管理者にご連絡ください。"),
        ),
        404: (
            _("ページが見つかりません"),
            _(
                "移動または削除されたか、アドレスが間違っている可能性があります。トップページからお探しください。"
            ),
        ),
        405: (_("この方法では開けません"), _("前のページに戻り、もう一度お試しください。")),
        409: (
            _("ほかの変更と重なりました"),
            _("最新の内容を確かめてから、もう一度お試しください。"),
        ),
        413: (
            _("ファイルまたは入力が大きすぎます"),
            _("ファイルを分けるか小さくして、もう一度お試しください。"),
        ),
        422: (_("入力内容を確かめてください"), _("前のページに戻り、入力を直してください。")),
        429: (
            _("しばらくお待ちください"),
            _("短い時間に何度も送信されました。1分ほど待ってからお試しください。"),
        ),
        503: (
            _("ただいま受け付けができません"),
            _(
                "しばらくしてからお試しください。お急ぎの場合は、郵送・持参・FAXでも受け付けています。"
            ),
        ),
    }.get(
        status,
        (
            _("システムで問題が起きました"),
            _("入力した内容は送信されていません。しばらくしてからお試しください。"),
        ),
    )


def error_page(
    status: int, message: str = "", *, advice: str = "", typed: Sequence[str] = ()
) -> tuple[str, int]:
    """Return the page for ``status``.

    Args:
        status: the HTTP status.
        message: the rule's own sentence, if there is one.
        advice: what to do next, if it is not what this status says.
        typed: texts to give back to whoever wrote them.

    """
    title, usual = _texts(status)
    words = {
        "status": status,
        "title": title,
        "message": translated(message),
        "advice": advice or usual,
        "typed": typed,
    }
    # Under a foreign host's name there are no addresses to link to. Robots ask so all day long.
    if not isinstance(request.routing_exception, SecurityError):
        try:
            return render_template("errors/page.html", **words), status
        except Exception:  # a layout may need what is just down
            current_app.logger.exception("the error page itself failed")
    return render_template("errors/bare.html", **words), status


def _typed_texts() -> list[str]:
    """Return the texts of a form of this site that cannot be taken.

    The browser's "back" does not bring them back: these pages are not to be stored. Nothing is
    given back that another site made this browser send, nor anything secret.
    """
    if request.headers.get("Sec-Fetch-Site") != "same-origin":
        return []
    return [
        value
        for name, value in request.form.items(multi=True)
        if name != "csrf_token"
        and "password" not in name
        and name != "current"
        # Words, not the numbers, days and marks that stand in forms as well.
        and (not value.isascii() or " " in value.strip())
    ]


def init_app(app: Flask) -> None:
    """Turn every error into one of our pages."""

    @app.errorhandler(DomainError)
    def _domain(error: DomainError) -> Any:
        transaction.discard()
        return error_page(error.status, str(error))

    @app.errorhandler(CSRFError)
    def _csrf(_error: CSRFError) -> Any:
        transaction.discard()
        typed = _typed_texts()
        return error_page(
            400,
            _("画面を開いてから時間がたったか、サインアウトしたため、送信を確認できませんでした。"),
            advice=_(
                "下の文を写し、ページを開き直してから（職員はサインインしてから）送信してください。"
            )
            if typed
            else _("ページを開き直してから、もう一度送信してください。"),
            typed=typed,
        )

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Any:
        status = error.code or 500
        if status < 400:  # a redirect raised by the router  # noqa: PLR2004
            return error
        body, status = error_page(status)
        response = app.make_response((body, status))
        for name, value in error.get_headers():
            if name.lower() in {"allow", "retry-after"}:
                response.headers[name] = value
        return response

    @app.errorhandler(PoolTimeout)
    @app.errorhandler(DBAPIError)
    def _database(error: Exception) -> Any:
        app.logger.error("database: %s", type(error).__name__, exc_info=error)
        g.database_down = True  # the page that says so must not wait for it again
        transaction.discard()
        return error_page(503)

    @app.errorhandler(Exception)
    def _unforeseen(error: Exception) -> Any:
        if app.testing and not app.config.get("SHOW_ERROR_PAGES"):
            raise error
        # Only the rule: an address may hold a secret or what somebody searched for.
        app.logger.error("unforeseen error at %s", request.url_rule, exc_info=error)
        transaction.discard()
        return error_page(500)
