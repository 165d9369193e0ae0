"""Settings of a running home: keys come from the home's key file, the database from its runner."""

from __future__ import annotations

from lingqu.config.keys import load_credentials, load_keys
from lingqu.kernel.keynames import names_of

from .base import *  # noqa: F403
from .base import ENV

LINGQU_HOME = ENV.home
LINGQU_KEYS = load_keys(ENV.key_file, crypto=ENV.crypto)
_SECRETS = [LINGQU_KEYS[name].hex() for name in reversed(names_of(LINGQU_KEYS, "secret"))]
SECRET_KEY, *SECRET_KEY_FALLBACKS = _SECRETS
LINGQU_FILES_CREDENTIALS = load_credentials(ENV)
