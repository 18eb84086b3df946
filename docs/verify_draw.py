# ruff: noqa: ANN001, ANN201, T201 -- a script for people who read and run it by itself
"""Repeat a draw of seats from what its public page shows; Python 3.9 or later, nothing else.

    python3 verify_draw.py list.csv --seats 30 --seed SEED --commitment HASH --list-hash HASH

``list.csv`` is the page's list of who took part: 受付番号, 人数, 優先順. The result goes to the
standard output as CSV. With ``--result result.csv`` it is compared with the result that the city
published. Exit status: 0 all agrees, 1 something does not, 2 wrong arguments or no such list.
"""

import argparse
import csv
import hashlib
import io
import sys
from pathlib import Path

COLUMNS = ["受付番号", "人数", "優先順"]
WON, NOT_WON = "当選", "落選"


def sha256(text):
    """Return the SHA-256 of a text in UTF-8, hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_table(path, wanted):
    """Return the rows of a CSV as dictionaries; a BOM and other line ends do no harm."""
    text = Path(path).read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    if rows and not set(wanted) <= set(rows[0]):
        raise ValueError(f"{path}: 見出しに{'、'.join(wanted)}がありません。")
    return rows


def read_list(path):
    """Return the list as (number, seats, tier)."""
    entries = [
        (row["受付番号"], int(row["人数"]), int(row["優先順"])) for row in read_table(path, COLUMNS)
    ]
    if len({number for number, _seats, _tier in entries}) != len(entries):
        raise ValueError(f"{path}: 同じ受付番号が2回あります。")
    return entries


def canonical(entries):
    """Return the list in the one form whose hash the page shows."""
    lines = [COLUMNS, *([number, str(s), str(t)] for number, s, t in sorted(entries))]
    return "".join(",".join(line) + "\n" for line in lines)


def draw(entries, seed, seats):
    """Return (rank, number, seats, tier, ticket, result) in the order of the draw."""
    lots = sorted((tier, sha256(f"{seed}:{number}"), number, s) for number, s, tier in entries)
    left, drawn = seats, []
    for rank, (tier, ticket, number, wanted) in enumerate(lots, start=1):
        fits = wanted <= left
        left -= wanted if fits else 0
        drawn.append((rank, number, wanted, tier, ticket, WON if fits else NOT_WON))
    return drawn


def check(what, expected, found):
    """Say whether a published value agrees; nothing to say without one."""
    if not expected:
        return True
    agrees = expected.strip().lower() == found
    print(f"{what}：{'一致しました' if agrees else '一致しません'}", file=sys.stderr)
    return agrees


def check_result(path, drawn):
    """Say whether the published result is the one that was drawn here."""
    wanted = {number: (rank, result) for rank, number, _s, _t, _ticket, result in drawn}
    rows = read_table(path, ["順位", "受付番号", "結果"])
    published = {row["受付番号"]: (int(row["順位"]), row["結果"]) for row in rows}
    agrees = published == wanted and len(rows) == len(wanted)
    print(f"公表された結果：{'一致しました' if agrees else '一致しません'}", file=sys.stderr)
    return agrees


def main(arguments=None):
    """Repeat the draw and return the exit status."""
    parser = argparse.ArgumentParser(description="公開された一覧と数値から、抽選をやり直します。")
    parser.add_argument("list", help="抽選の対象者の一覧（CSV）")
    parser.add_argument("--seed", required=True, help="抽選のもとになった値")
    parser.add_argument("--seats", required=True, type=int, help="抽選した席の数")
    parser.add_argument("--commitment", default="", help="受付の前に公開されていた値")
    parser.add_argument("--list-hash", default="", help="一覧のSHA-256")
    parser.add_argument("--result", default="", help="公表された結果（CSV）")
    given = parser.parse_args(arguments)
    try:
        entries = read_list(given.list)
        drawn = draw(entries, given.seed, given.seats)
        agrees = [
            check("受付の前に公開されていた値", given.commitment, sha256(given.seed)),
            check("一覧", given.list_hash, sha256(canonical(entries))),
            check_result(given.result, drawn) if given.result else True,
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(error, file=sys.stderr)
        return 2
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["順位", "受付番号", "人数", "優先順", "くじ", "結果"])
    writer.writerows(drawn)
    return 0 if all(agrees) else 1


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")
    sys.exit(main())
