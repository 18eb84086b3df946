"""What can go wrong on the way to a PDF."""


class RenderError(RuntimeError):
    """The document could not be made, or would not keep what a published PDF promises."""


class FontsUnavailable(RenderError):  # noqa: N818 -- says what is the matter with the machine
    """The machine lacks a library or file that typesetting needs; the text says which."""
