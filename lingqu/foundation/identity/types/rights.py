"""Right codes of identity. Where they are held is said by ``kernel.actor.Right.path``."""

from __future__ import annotations

ACCOUNT_VIEW = "identity.account.view"
"""Who has an account and whether it is in use; never a password or code."""
ACCOUNT_RESET = "identity.account.reset"
"""Make a new one-use code for somebody who cannot get in, decide on claims of guardians."""
ACCOUNT_LOCK = "identity.account.lock"
"""Stop an account and let it go on."""
SLIPS_PRINT = "identity.slips.print"
"""Hand out first codes: on printed slips, and as invitations to staff."""
ROLE_VIEW = "identity.role.view"
ROLE_GRANT = "identity.role.grant"
FIGURES_VIEW = "identity.figures.view"
"""How many accounts are in use at a place; numbers, never people."""
SECURITY_MANAGE = "identity.security.manage"
"""Say who must have a second factor, see to alerts."""

SMS_MANAGE = "identity.sms.manage"
"""Enter templates of the SMS service."""
SMS_BUDGET = "identity.sms.budget"
"""Say how many SMS schools below may send in a month, and stop them."""

ALL = (
    ACCOUNT_VIEW,
    ACCOUNT_RESET,
    ACCOUNT_LOCK,
    SLIPS_PRINT,
    ROLE_VIEW,
    ROLE_GRANT,
    FIGURES_VIEW,
    SECURITY_MANAGE,
    SMS_MANAGE,
    SMS_BUDGET,
)
