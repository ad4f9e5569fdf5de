"""A version of the portal that is newer by one migration, for the drill `reload`."""
