"""Grouping of equal and nearly equal texts, in numpy and without a model of any language.

numpy is slow to import and few processes group texts: ``groups`` is imported where it is called.
"""

# A text of which three tenths were rewritten keeps seven; see similarity.py for the other side.
THRESHOLD = 0.65
