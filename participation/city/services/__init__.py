"""Acts on the city's profile: loading a file, and each edit that an administrator makes."""

from participation.city.services.days_and_places import (
    add_closed_day,
    remove_closed_day,
    save_place,
)
from participation.city.services.loading import load_profile
from participation.city.services.profile import (
    update_city,
    update_lists,
    update_rules,
    update_wording,
)

__all__ = [
    "add_closed_day",
    "load_profile",
    "remove_closed_day",
    "save_place",
    "update_city",
    "update_lists",
    "update_rules",
    "update_wording",
]
