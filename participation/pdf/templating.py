"""Jinja for print: everything is escaped, nothing may be undefined, every sign can be printed.

It needs no Flask, so that the worker and the tests can fill in a template without an app.
"""

import functools
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from participation.pdf.fonts import printable

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def _finalize(value: object) -> object:
    # Markup never comes in from outside (no template marks anything safe), so plain strings are
    # all there is to look through.
    return printable(value) if type(value) is str else value


@functools.cache
def environment() -> Environment:
    """Return the one environment of the print templates."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def fill_in(template: str, **values: Any) -> str:
    """Return the HTML of ``templates/<template>`` with ``values``, ready for ``render``."""
    return environment().get_template(template).render(**values)


def stylesheet(name: str) -> str:
    """Return the text of ``templates/<name>``, a CSS file."""
    return (TEMPLATES / name).read_text(encoding="utf-8")
