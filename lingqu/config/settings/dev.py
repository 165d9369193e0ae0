"""Settings of a running home: keys come from the home's key file, the database from its runner."""

from __future__ import annotations

from lingqu.config.keys import load_keys

from .base import *  # noqa: F403
from .base import ENV

LINGQU_HOME = ENV.home
LINGQU_KEYS = load_keys(ENV.key_file)
SECRET_KEY = LINGQU_KEYS["secret"].hex()
