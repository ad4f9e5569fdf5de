"""The site's own back office: its furniture, its people, its records."""

from portal.admin import furniture, ledger, users  # noqa: F401
from portal.audit import admin as audit  # noqa: F401
