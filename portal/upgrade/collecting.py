"""`python -m portal.upgrade.collecting`: the static files of a trial.

Hashed names as ever, and not compressed: nobody downloads them, and compressing takes
most of the time of an upgrade.
"""

import os
import sys

from portal.staticfiles import StaticStorage


class Uncompressed(StaticStorage):
    def compress_files(self, paths):
        return iter(())


def main() -> int:
    import django
    from django.conf import settings

    os.umask(0o027)
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "portal.upgrade.collecting.Uncompressed"
    }
    django.setup()
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
