"""Grouping of equal and nearly equal texts, in numpy and without a model of any language."""

from participation.campaigns.grouping.groups import THRESHOLD, Groups, group_texts

__all__ = ["THRESHOLD", "Groups", "group_texts"]
