"""Finished pages of workshops, kept while nothing that they show has changed."""

from participation.accounts.shared_pages import SharedPages

_PAGES = SharedPages("workshop_pages", most_bytes=16 * 1024 * 1024)
init_app = _PAGES.init_app
from_memory = _PAGES.answer
