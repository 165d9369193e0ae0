"""What applications add to the shell, and how long their rows stay."""

from __future__ import annotations

from lingqu.kernel import retention, rotation

for _table, _keep, _by in (
    ("applications_vendor", "for ever: who was given what", ""),
    ("applications_vendormember", "as long as the account works for the firm", ""),
    ("applications_application", "for ever", ""),
    ("applications_applicationfiling", "with its application", ""),
    ("applications_secret", "with its application: a digest and when it held", ""),
    ("applications_review", "with its application", ""),
    ("applications_scopegrant", "for ever: what was allowed from when to when", ""),
    ("applications_adoption", "for ever: who used what from when to when", ""),
    ("applications_consentbatch", "as long as its consents", ""),
    ("applications_consent", "for ever: the proof that it was given, and until when", ""),
    ("applications_subject", "as long as the application: what its users are called there", ""),
    ("applications_legacyaccount", "as long as the application", ""),
    ("applications_sandboxperson", "as long as the vendor", ""),
    ("applications_participation", "with its session: seven months after its end", "identity.purge_identity"),
    ("applications_logoutnotice", "30 days", "applications.purge_applications"),
    ("applications_release", "for ever: one row an application, account and day", ""),
    ("applications_requestlog", "30 days", "applications.purge_applications"),
):
    retention.declare(_table, keep=_keep, by=_by)

rotation.declare_sealed("applications_vendor", "contact")
rotation.declare_sealed("applications_applicationfiling", "emergency_contact")
rotation.declare_index("applications_legacyaccount", "phone_blind", "id_blind")
