#!/usr/bin/env python
"""Entry point of every command; the settings module is portal.settings."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from portal.cli import main

    sys.exit(main(sys.argv))
