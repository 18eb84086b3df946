"""Finding the columns that an import wants under the names that people give them."""

from collections.abc import Collection, Mapping, Sequence

from participation.core.errors import InvalidInput
from participation.core.text import compare_key

_SHOWN = 20


def match_columns(
    header: Sequence[str],
    wanted: Mapping[str, Sequence[str]],
    *,
    optional: Collection[str] = (),
) -> dict[str, int]:
    """Return the position of each wanted column: ``{"item_id": 0, …}``.

    Args:
        header: the names as they stand in the file.
        wanted: our name for a column -> the names it may have there, the one to show first.
            Width, case and blanks don't matter. Columns that nobody wants are ignored.
        optional: those of ``wanted`` that may be missing; they are then not in the result.

    Raises:
        InvalidInput: a column is missing, or two stand for the same thing.

    """
    owner = {_key(alias): name for name, aliases in wanted.items() for alias in aliases}
    found: dict[str, int] = {}
    for index, title in enumerate(header):
        name = owner.get(_key(title))
        if name is None:
            continue
        if name in found:
            raise InvalidInput(
                f"「{header[found[name]]}」と「{title}」は同じ項目を表す見出しです。"
                "どちらか一方の列だけにしてください。"
            )
        found[name] = index
    missing = [name for name in wanted if name not in found and name not in optional]
    if missing:
        names = "、".join(f"「{'」か「'.join(wanted[name])}」" for name in missing)
        there = "、".join(f"「{title}」" for title in header[:_SHOWN])
        more = f" ほか{len(header) - _SHOWN}列" if len(header) > _SHOWN else ""
        raise InvalidInput(
            f"必要な列がありません：{names}。1行目の見出しを確かめてください。"
            f"ファイルにある見出し：{there}{more}。"
        )
    return found


def _key(name: str) -> str:
    return compare_key(name).casefold()
