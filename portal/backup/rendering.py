"""`python -m portal.backup.rendering`: do pages come out of this (restored) site?

Brings its database up to date, then asks for the home page and the newest articles as
a reader does. Exit status 1 and one line on standard error when one does not come.
"""

import os
import sys
from html import unescape

ARTICLES = 10


def main() -> int:
    import django

    os.umask(0o027)
    django.setup()
    from django.core.management import call_command

    from portal.management.commands.export_static import door

    call_command("migrate", interactive=False, verbosity=0)
    wrong = failing(door())
    sys.stderr.write(wrong)
    return int(bool(wrong))


def failing(door) -> str:
    """Return the first page that does not come as it should, empty when all do."""
    from news.models import Article

    wanted = {"/": ""}
    newest = Article.objects.published().order_by("-published_at", "-pk")[:ARTICLES]
    for article in newest:
        wanted[article.get_absolute_url()] = article.title
    for path, title in wanted.items():
        with door.get(path) as answer:
            body = b"".join(answer.body).decode()
        if answer.status != 200 or title not in unescape(body):
            return f"{path}: {answer.status}\n"
    return ""


if __name__ == "__main__":
    sys.exit(main())
