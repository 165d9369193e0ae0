from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """People, organisations and classes with their history. Everything else keys to the models named here."""

    name = "lingqu.foundation.registry"
    label = "registry"
    linkable_models = frozenset(
        {"Organisation", "Person", "ClassGroup", "SchoolYear", "Term", "Course", "Source", "Post"}
    )
