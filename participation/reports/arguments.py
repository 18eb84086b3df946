"""How the arguments of the commands are read; a wrong one ends with exit status 2."""

from typing import Any

import click

from participation.core import fiscal_year
from participation.core.errors import InvalidInput
from participation.reports.models import EntryKind
from participation.reports.queries.entries import Column


class FiscalYear(click.ParamType[int]):
    """A fiscal year: 2024, R6, 令和6年度."""

    name = "year"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the western year in which the fiscal year begins."""
        if isinstance(value, int):
            return value
        try:
            return fiscal_year.parse_fiscal_year(str(value))
        except InvalidInput as error:
            self.fail(str(error), param, ctx)


class Columns(click.ParamType[list[Column]]):
    """Columns from left to right: result:2022,result:2023,plan:2024."""

    name = "columns"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[Column]:
        """Return the columns as pairs of kind and western fiscal year."""
        columns = []
        for piece in str(value).split(","):
            kind, separator, year = piece.strip().partition(":")
            if not separator or kind not in {"result", "plan"}:
                self.fail(
                    f"「{piece}」は result:2023 か plan:2024 の形で指定してください。", param, ctx
                )
            try:
                columns.append((EntryKind(kind), fiscal_year.parse_fiscal_year(year)))
            except InvalidInput as error:
                self.fail(f"「{piece}」：{error}", param, ctx)
        return columns
