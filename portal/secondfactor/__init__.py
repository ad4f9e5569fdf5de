"""The second step of signing in: codes of an app, passkeys, recovery codes.

`gate` decides who is in, `codes` and `passkeys` check what a person shows, `signing_in`
are the pages before somebody is in, `own` and `resetting` those after. py_webauthn and
cryptography (15 MB) are imported by the first passkey that somebody uses.
"""


def has_second_factor(user) -> bool:
    """Say whether an account has an app or a passkey to confirm with; one query."""
    from portal.secondfactor import gate

    return gate.facts(user).has_factor
