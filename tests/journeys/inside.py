"""Runs code in a site's settings: the program is loaded once, each piece has a fork.

Reads a piece of code as JSON from each line; answers with one line of what it printed
and of its error, as JSON. A fork remembers nothing of the one before.
"""

import contextlib
import io
import json
import os
import sys
import traceback

import django


def answer(code: str) -> dict:
    """Run `code` in a process of its own."""
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        with open(reading) as told:
            said = told.read()
        os.waitpid(child, 0)
        return json.loads(said or '{"error": "it ended at once"}')
    try:
        printed = io.StringIO()
        result = {}
        try:
            with contextlib.redirect_stdout(printed):
                exec(code, {"__name__": "inside"})
        except Exception:
            result["error"] = traceback.format_exc()
        with open(writing, "w") as told:
            json.dump(result | {"printed": printed.getvalue()}, told)
    finally:
        os._exit(0)


def main() -> None:
    django.setup()
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
