"""The door of identity: all that other modules may use."""

from .services.opening import open_accounts, open_duty_account
from .types import rights

__all__ = ["open_accounts", "open_duty_account", "rights"]
