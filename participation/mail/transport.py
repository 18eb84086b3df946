"""How a message leaves: by SMTP, or as a file for the demo and for tests."""

import os
import smtplib
import ssl
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from participation.core.clock import local
from participation.core.errors import SettingsError
from participation.mail.letter import Letter

_TIMEOUT_SECONDS = 20
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PERMANENT = 500
_UNSUBSCRIBE = "List-Unsubscribe"

# Sends one letter; raises DeliveryError.
Send = Callable[[Letter], None]


class _WholeAddresses(EmailPolicy):
    """Folds headers as mail asks for, but never within an address.

    Python takes an address that is longer than a line for text and encodes it, and no mail program
    looks for an address in that.
    """

    def fold(self, name: str, value: str) -> str:
        """Return one header as text."""
        if name == _UNSUBSCRIBE:
            return f"{name}: {value}{self.linesep}"
        folded: str = super().fold(name, value)
        return folded

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return one header as it is sent."""
        if name == _UNSUBSCRIBE:
            return self.fold(name, value).encode("ascii")
        folded: bytes = super().fold_binary(name, value)
        return folded


_POLICY = _WholeAddresses(linesep="\r\n")


class DeliveryError(Exception):
    """A message could not be handed over.

    ``str(error)`` is Japanese and never holds what the other server said: that may quote the
    address.
    """

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


class UnreachableError(DeliveryError):
    """No connection could be opened, so that no message can go out now."""


class Transport:
    """Opens connections to wherever MAIL_URL points."""

    def __init__(self, url: str, *, sender: str, host: str) -> None:
        """Read the address.

        Args:
            url: ``folder:///directory``; ``smtps://user:password@host:465``; or
                ``smtp://host:587``, which must offer STARTTLS unless the host is this machine.
            sender: the From address.
            host: stands in the Message-ID.

        Raises:
            SettingsError: another scheme, or no host.

        """
        parts = urlsplit(url)
        self._sender, self._host = sender, host
        self._folder = Path(unquote(parts.path)) if parts.scheme == "folder" else None
        self._server = parts
        if parts.scheme == "folder":
            if parts.netloc or not parts.path:
                raise SettingsError("MAIL_URL の folder:// のあとには絶対パスを書いてください。")
        elif parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise SettingsError(
                "MAIL_URL は smtp://・smtps://・folder:// のどれかで指定してください。"
            )

    @contextmanager
    def connect(self) -> Iterator[Send]:
        """Yield what sends letters over one connection.

        Raises:
            UnreachableError: the server cannot be reached or may not be trusted.

        """
        if self._folder is not None:
            folder = self._folder
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # 8bit, so that a person can read the file as it is.
            yield lambda letter: _write(
                folder / f"{letter.id}.eml", self._message(letter, encoding="8bit")
            )
            return
        try:
            with _translated():
                client = _connect(self._server)
        except DeliveryError as error:
            raise UnreachableError(str(error), permanent=False) from None
        try:
            yield lambda letter: _submit(client, self._message(letter))
        finally:
            client.close()

    def _message(self, letter: Letter, *, encoding: str | None = None) -> EmailMessage:
        message = EmailMessage(policy=_POLICY)
        message["From"] = self._sender
        message["To"] = letter.recipient
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(local(letter.created_at))
        # The same for every attempt, so that a message sent twice after a crash is shown once.
        message["Message-ID"] = f"<{letter.id}@{self._host}>"
        message["Auto-Submitted"] = "auto-generated"
        if letter.unsubscribe:
            message[_UNSUBSCRIBE] = f"<{letter.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(letter.body, cte=encoding)
        return message


def _write(path: Path, message: EmailMessage) -> None:
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(message.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _connect(server: SplitResult) -> smtplib.SMTP:
    host = server.hostname or ""
    context = ssl.create_default_context()  # checks the certificate and its name
    client: smtplib.SMTP
    if server.scheme == "smtps":
        client = smtplib.SMTP_SSL(
            host, server.port or 465, timeout=_TIMEOUT_SECONDS, context=context
        )
    else:
        client = smtplib.SMTP(host, server.port or 25, timeout=_TIMEOUT_SECONDS)
    try:
        client.ehlo()
        if server.scheme == "smtp" and (host not in _LOOPBACK or client.has_extn("starttls")):
            # Raises when the server does not offer it: an eavesdropper could have hidden it.
            client.starttls(context=context)
            client.ehlo()
        if server.username:
            client.login(unquote(server.username), unquote(server.password or ""))
    except BaseException:
        client.close()
        raise
    return client


def _submit(client: smtplib.SMTP, message: EmailMessage) -> None:
    with _translated():
        client.send_message(message)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what smtplib raises into a sentence without the address in it."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code = max((code for code, _text in error.recipients.values()), default=0)
        reason = f"宛先のサーバーが受け取りを拒みました（応答 {code}）。宛先を確かめてください。"
        raise DeliveryError(reason, permanent=code >= _PERMANENT) from None
    except smtplib.SMTPAuthenticationError:
        reason = "メールサーバーにログインできません。MAIL_URL を確かめてください。"
        raise DeliveryError(reason, permanent=False) from None
    except smtplib.SMTPResponseException as error:
        reason = f"メールサーバーが受け付けませんでした（応答 {error.smtp_code}）。"
        raise DeliveryError(
            reason,
            permanent=isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= _PERMANENT,
        ) from None
    except ssl.SSLError:
        reason = "メールサーバーの証明書を確かめられません。証明書と MAIL_URL を確かめてください。"
        raise DeliveryError(reason, permanent=False) from None
    except (OSError, smtplib.SMTPException) as error:
        reason = f"メールサーバーにつながりません（{type(error).__name__}）。"
        raise DeliveryError(reason, permanent=False) from None
