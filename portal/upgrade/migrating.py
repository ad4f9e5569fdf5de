"""`python -m portal.upgrade.migrating`: every migration in one transaction, or none.

Killed at any instant, the database is as it was.
"""

import os
import sys

# Seconds to wait for a lock on PostgreSQL. Whoever waits for longer keeps readers
# waiting behind him; nothing is changed then, and one tries again.
LOCK_SECONDS = 10


def main() -> int:
    import django

    os.umask(0o027)
    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # Tables are made anew to change them; within a transaction it is too late.
            cursor.execute("PRAGMA foreign_keys = OFF")
        with transaction.atomic():
            if connection.vendor == "postgresql":
                cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
                cursor.execute("SET LOCAL statement_timeout = 0")
                # A row that waits for its check would bar changes of its table.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            call_command("migrate", interactive=False, verbosity=0)
            connection.check_constraints()
    return 0


if __name__ == "__main__":
    sys.exit(main())
