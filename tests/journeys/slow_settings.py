"""The site's own settings, with an address that takes its time."""

from portal.settings import *  # noqa: F403

ROOT_URLCONF = "tests.journeys.slow_urls"
