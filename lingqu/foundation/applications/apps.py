from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """Applications that use the region's sign-in: who runs them, what they may know, who entered them."""

    name = "lingqu.foundation.applications"
    label = "applications"
    linkable_models = frozenset({"Application", "Participation", "SandboxClass"})
