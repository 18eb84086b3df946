"""Lets Babel find Japanese words that stand in no call of gettext, in modules below the web.

Those modules know no gettext; what they hold is translated where it is shown.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
Found = tuple[int, str, str, list[str]]


def extract(
    fileobj: IO[bytes], _keywords: Any, _comments: Any, options: Mapping[str, str]
) -> Iterator[Found]:
    """Yield every Japanese string that is a value of a module's assignment or of a call in one.

    Options: ``only`` names the one assignment that counts; ``sentences`` adds every whole sentence
    (。) of the module that stands in no f-string: those of its rules.
    """
    tree = ast.parse(fileobj.read())
    only = options.get("only")
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if only is None or only in {getattr(target, "id", "") for target in targets}:
                yield from _strings(statement.value)
    if options.get("sentences"):
        yield from (found for found in _strings(_without_talk(tree)) if "。" in found[2])


def _without_talk(tree: ast.Module) -> ast.Module:
    """Return the module without docstrings and f-strings."""

    class Silence(ast.NodeTransformer):
        def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
            return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

        def visit_JoinedStr(self, _node: ast.JoinedStr) -> ast.AST:
            return ast.Constant("")

    return Silence().visit(tree)


def _strings(tree: ast.AST) -> Iterator[Found]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and JAPANESE.search(node.value)
        ):
            yield node.lineno, "gettext", node.value, []
