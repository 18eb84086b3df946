"""Gives the app's sessions their keyring."""

from flask import Flask

from participation.core.errors import SettingsError
from participation.core.settings import Settings
from participation.privacy.crypto import Keyring
from participation.privacy.keyfile import new_key_file


def init_app(app: Flask, settings: Settings) -> None:
    """Load the key file; outside production it is made when missing.

    Raises:
        SettingsError: in production the file is missing, or it is unsafe.

    """
    path = settings.field_keys_file
    if not settings.is_production and not path.exists():
        try:
            new_key_file(path)
        except SettingsError:
            # Another process of the same installation was faster; its file is as good.
            if not path.exists():
                raise
    app.extensions["session_info"]["keyring"] = Keyring(path)
