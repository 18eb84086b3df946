"""``python -m participation.privacy FILE``: makes the key file, before the system can start."""

import sys
from pathlib import Path

from participation.core.errors import SettingsError
from participation.privacy.keyfile import new_key_file


def main(arguments: list[str]) -> int:
    """Make a key file; return the exit status."""
    if len(arguments) != 1:
        sys.stderr.write("使い方: python -m participation.privacy 鍵ファイル\n")
        return 2
    try:
        content = new_key_file(Path(arguments[0]))
    except (SettingsError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(
        f"鍵 {content.current} を {arguments[0]} に作りました。"
        "データベースとは別の場所に、控えを保管してください。\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
