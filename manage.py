"""Django's own commands, for developers; operators use ``lingqu``."""

from __future__ import annotations

import sys

from django.core.management import execute_from_command_line

from lingqu.config.env import use_settings

if __name__ == "__main__":
    use_settings()
    execute_from_command_line(sys.argv)
