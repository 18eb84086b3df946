"""Commands of public comments."""

from flask.cli import AppGroup

group = AppGroup("campaigns", help="パブリックコメントと縦覧")
