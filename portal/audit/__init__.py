"""The audit log: who did what, when, from where, to which object.

`record` writes one entry, in the transaction that it is called in. Inside
`together()` everything said of one object becomes one entry: what was done and
what it changed. Changes of rows are noticed by themselves (portal.audit.receivers).
"""

from portal.audit.recording import record, together

__all__ = ["record", "together"]
