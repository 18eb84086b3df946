"""Acts on departments: create, rename from a day, close, record who takes over from whom."""

from participation.departments.services.chart import (
    PeriodTerms,
    create_department,
    put_department,
    update_contact,
)
from participation.departments.services.checks import check_names_apart
from participation.departments.services.history import (
    close_department,
    correct_period,
    rename_department,
    reopen_department,
)
from participation.departments.services.succession import record_succession, remove_succession

__all__ = [
    "PeriodTerms",
    "check_names_apart",
    "close_department",
    "correct_period",
    "create_department",
    "put_department",
    "record_succession",
    "remove_succession",
    "rename_department",
    "reopen_department",
    "update_contact",
]
