"""Fixtures of the campaigns' tests."""

import pytest

from participation.campaigns.jobs import results as jobs


@pytest.fixture
def quick_pdf(monkeypatch):
    """The real one is set in test_result_print.py and by the killed worker."""
    monkeypatch.setattr(jobs, "result_pdf", lambda *_, **__: b"%PDF-1.7")
