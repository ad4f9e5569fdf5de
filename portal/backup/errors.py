"""What ends a command with one plain sentence."""


class Refused(Exception):
    """A sentence for the operator; nothing was changed."""


class Damaged(Refused):
    """The file is no whole backup, or not as it was written."""
