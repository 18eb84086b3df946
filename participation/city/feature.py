"""What this feature adds to the app."""

from flask import Flask

from participation.city import context
from participation.city.cli import group
from participation.web.feature import Feature


def _setup(app: Flask) -> None:
    context.init_app(app)


feature = Feature(name="city", cli=(group,), setup=_setup)
