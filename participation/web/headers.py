"""Security headers on every answer, errors included (promise P14)."""

from flask import Flask, Response, make_response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


DEFAULTS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cache-Control": "no-cache",
}


def init_app(app: Flask, *, tls: bool) -> None:
    """Add the headers; ``tls`` says whether the site is reached by https."""
    defaults = dict(DEFAULTS)
    if tls:
        defaults["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        # Looked through once: asking for each by name takes a tenth of the time of a page.
        present = {name.lower() for name, _ in headers}
        for name, value in defaults.items():
            if name.lower() not in present:
                headers.add(name, value)
        if request.path.startswith("/staff"):
            headers["Cache-Control"] = "no-store"
        return response


def unstored(page: str, status: int = 200) -> Response:
    """Return a page that stays on no device and in no cache: it holds what a person typed."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response
