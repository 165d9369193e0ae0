"""Right codes of applications. Where they are held is said by ``kernel.actor.Right.path``."""

from __future__ import annotations

VIEW = "applications.view"
"""Which applications a place owns or uses, their filing, scopes, adoption and figures."""
MANAGE = "applications.manage"
"""Register and change applications of a place: scopes with their legal basis, secrets, protocols, retiring."""
ADOPT = "applications.adopt"
"""Record that an organisation uses an application (选用), and end that."""
REVIEW_FUNCTION = "applications.review.function"
REVIEW_SECURITY = "applications.review.security"
REVIEW_PRIVACY = "applications.review.privacy"
SUSPEND = "applications.suspend"
"""Shut an application out within seconds, and let it in again."""
RELEASES = "applications.releases"
"""Whose data an application received, by name: people of the own place only."""
DEVELOP = "applications.develop"
"""Register and change the applications of the own firm."""
CONSENT_PAPER = "applications.consent.paper"
"""Record for a class that guardians consented on paper."""

REVIEWS = {"function": REVIEW_FUNCTION, "security": REVIEW_SECURITY, "privacy": REVIEW_PRIVACY}
ALL = (
    VIEW, MANAGE, ADOPT, REVIEW_FUNCTION, REVIEW_SECURITY, REVIEW_PRIVACY, SUSPEND, RELEASES, DEVELOP, CONSENT_PAPER,
)  # fmt: skip
