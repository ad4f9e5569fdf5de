"""One file that holds the whole site, made while it runs, and the way back.

`archive` is the file: a tar with a manifest at its end. `databases` knows SQLite and
PostgreSQL, `making` writes a backup, `restoring` brings it into an empty place,
`proving` does so in a temporary one and compares, `record` remembers what was proved.
"""

from portal.backup.record import Last, last

__all__ = ["Last", "last"]
