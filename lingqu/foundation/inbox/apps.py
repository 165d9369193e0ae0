from django.apps import AppConfig


class InboxConfig(AppConfig):
    """Notices with receipts and to-dos, addressed to posts, people and children of classes."""

    name = "lingqu.foundation.inbox"
    label = "inbox"
    linkable_models: frozenset[str] = frozenset()
