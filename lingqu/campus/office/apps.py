from django.apps import AppConfig


class OfficeConfig(AppConfig):
    """Leave of pupils and teachers, and who takes the lessons meanwhile."""

    name = "lingqu.campus.office"
    label = "office"
    linkable_models = frozenset({"Absence"})
