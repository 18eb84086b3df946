"""A document as text: Markdown cut in passages, pasted text made Markdown, versions compared."""
