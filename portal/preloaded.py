"""granian with the program loaded before it forks its workers.

    python -m portal.preloaded [options of granian]

What workers only read they then share: 45 MB less for two of them
(docs/performance.md). The threads start in the workers, with portal.wsgi, and so do
connections to the database. A worker that is started again is forked from what was
loaded then: a new version of the program needs a restart, and gets one from systemd.
"""

import gc
import logging
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")


def load() -> None:
    """Import all that answers requests; opens no connection and starts no thread."""
    import django
    from django.conf import settings
    from django.urls import get_resolver

    django.setup()
    if settings.LOG_FORMAT == "json":
        from granian import log

        # Its own lines; it keeps nothing of the logging of Django.
        log.LOGGING_CONFIG["formatters"]["generic"] = {
            "()": "portal.logs.JsonFormatter"
        }
    # It takes many threads for a mistake; here most of them only wait.
    logging.getLogger("_granian").addFilter(
        lambda record: "spawning up to" not in record.getMessage()
    )
    if settings.METRICS:
        from portal import metrics

        metrics.start()  # before the workers are forked, who share it
    get_resolver().url_patterns  # noqa: B018 (imports the views and the back office)
    # The collector would write into every object, and so copy what is shared.
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    from granian.cli import entrypoint

    load()
    entrypoint()
