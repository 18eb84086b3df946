"""A text becomes markup in one place only: nothing marks itself safe."""

import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from markupsafe import Markup

from participation.core.markup import clean_markup
from participation.web.templating import cleaned_markup

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*"))
# The filter that cleans, and the standalone report's own style sheet from static/.
MAY_MARK = {"participation/web/templating.py", "participation/reports/views/standalone.py"}


@pytest.mark.parametrize("path", [one for one in TEMPLATES if one.suffix == ".html"], ids=str)
def test_no_template_marks_a_text_safe(path: Path):
    text = path.read_text()
    assert not re.search(r"\|\s*safe\b", text), path
    assert "autoescape" not in text, path
    assert not re.search(r"\bMarkup\b", text), path


def test_no_code_marks_a_text_safe():
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "participation").rglob("*.py")
        if re.search(r"\bMarkup\(|render_template_string|__html__", path.read_text())
    }
    assert found <= MAY_MARK


def test_the_filter_lets_nothing_through_but_what_a_text_needs(app: Flask):
    evil = (
        '<p onclick="x()">一<script>alert(1)</script><img src=x><a href="javascript:x">二</a></p>'
    )
    with app.test_request_context():
        shown = render_template_string("{{ text|cleaned_markup }}", text=evil)
    assert shown == '<p>一<a rel="noopener noreferrer">二</a></p>'
    assert isinstance(cleaned_markup(evil), Markup)
    assert clean_markup(shown) == shown
