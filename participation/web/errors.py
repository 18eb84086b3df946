"""Errors as pages that help."""

from typing import Any

from flask import Flask, current_app, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from participation.core.errors import DomainError
from participation.web import transaction


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


def error_page(status: int, message: str = "") -> tuple[str, int]:
    """Return the page for ``status``; ``message`` is the rule's own sentence, if there is one."""
    title, advice = _texts(status)
    words = {"status": status, "title": title, "message": message, "advice": advice}
    try:
        return render_template("errors/page.html", **words), status
    except Exception:
        # An unknown host has no addresses to link to; a layout may need what is just down.
        current_app.logger.exception("the error page itself failed")
        return render_template("errors/bare.html", **words), status


def init_app(app: Flask) -> None:
    """Turn every error into one of our pages."""

    @app.errorhandler(DomainError)
    def _domain(error: DomainError) -> Any:
        transaction.discard()
        return error_page(error.status, str(error))

    @app.errorhandler(CSRFError)
    def _csrf(_error: CSRFError) -> Any:
        transaction.discard()
        return error_page(
            400,
            _("画面を開いてから時間がたったため、送信を確認できませんでした。")
            + _(
                "前のページに戻ると入力は残っています。再読み込みしてから、もう一度送信してください。"
            ),
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
