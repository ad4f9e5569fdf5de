"""Ends with 0 when the portal on this host is ready: for Docker and for monitoring."""

import os
import sys
import urllib.error
import urllib.request

# Names of loopback are always allowed, and no other host need be known.
ADDRESS = f"http://127.0.0.1:{os.environ.get('PORT') or 8000}/readyz"
try:
    with urllib.request.urlopen(ADDRESS, timeout=4) as answer:
        sys.exit(answer.status != 200)
except OSError as error:
    print(f"{ADDRESS}: {error}", file=sys.stderr)  # noqa: T201
    sys.exit(1)
