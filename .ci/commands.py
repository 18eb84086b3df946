"""Run the commands on standard input, one a line, in one process; stop at the first that fails.

To start the program takes longer than most commands of ./demo do.
"""

import shlex
import sys

from flask.cli import FlaskGroup, ScriptInfo

from wsgi import app


def main() -> None:
    """Run each line as ``flask --app wsgi`` would; exit with the status of one that fails."""
    flask = FlaskGroup()
    for line in sys.stdin:
        try:
            flask.main(shlex.split(line), "flask", obj=ScriptInfo(create_app=lambda: app))
        except SystemExit as ended:
            if ended.code:
                raise


main()
