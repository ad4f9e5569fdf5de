"""Command line with plain sentences: an operator's mistake is no traceback."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured


def main(argv: list[str]) -> int:
    """Run a management command; return the exit status.

    A wrong setting or an unreachable database ends with one sentence on
    standard error and status 1. Everything else keeps its traceback.
    """
    from django.conf import settings
    from django.core.management import execute_from_command_line
    from django.db import Error as DatabaseError

    os.umask(0o027)  # as portal.serve: what is written is nobody else's
    try:
        # Django alone would go on to a list of commands after a wrong setting.
        settings.INSTALLED_APPS  # noqa: B018
        execute_from_command_line(argv)
    except ImproperlyConfigured as error:
        print(f"Lỗi cấu hình: {error}", file=sys.stderr)
        return 1
    except DatabaseError as error:
        reason = str(error).strip().splitlines()
        print(
            "Cơ sở dữ liệu không dùng được; hãy kiểm tra DATABASE_URL và DATA_DIR: "
            f"{reason[0] if reason else error!r}",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("Đã dừng theo yêu cầu.", file=sys.stderr)
        return 130
    return 0
