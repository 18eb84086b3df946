"""The yardstick of pages_under_load: an empty Flask view, served by the same server."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def empty() -> str:
    return ""
