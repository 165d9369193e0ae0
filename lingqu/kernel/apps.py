from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "lingqu.kernel"
    label = "kernel"
