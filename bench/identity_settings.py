"""Settings of the platform in ``bench/identity.py``: those of tests, with the password hash and the batches that people really have."""

from lingqu.config.settings.test import *  # noqa: F403

PASSWORD_HASHERS = ["lingqu.foundation.identity.hashing.Argon2Hasher"]
LOGGING = {"version": 1, "disable_existing_loggers": True}
LINGQU_BATCH_SECONDS = 1.0
