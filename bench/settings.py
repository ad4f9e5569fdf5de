"""portal.settings in the folder that bench.__main__ made, without threads."""

from portal.settings import *  # noqa: F403

BACKGROUND_THREADS = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
