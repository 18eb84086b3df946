"""Lets Babel find the Japanese words of labels.py and the like: plain values, no calls of gettext.

Those modules lie below the web and know no gettext; what they hold is translated where it is shown.
"""

import ast
import re
from collections.abc import Iterator
from typing import IO, Any

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
Found = tuple[int, str, str, list[str]]


def extract(fileobj: IO[bytes], _keywords: Any, _comments: Any, **_options: Any) -> Iterator[Found]:
    """Yield every Japanese string that is a value of a module's assignment or of a call in one."""
    for statement in ast.parse(fileobj.read()).body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            for node in ast.walk(statement.value):
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and JAPANESE.search(node.value)
                ):
                    yield node.lineno, "gettext", node.value, []
