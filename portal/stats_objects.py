"""Tells stats what its (kind, id) pairs are: public? title? category?"""


def register() -> None:
    """Fill stats.registry; called once from portal.composition."""
