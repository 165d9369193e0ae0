from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

DISCOVERED = ("handlers", "jobs", "contributions")


class KernelConfig(AppConfig):
    name = "lingqu.kernel"
    label = "kernel"

    def ready(self) -> None:
        """Find what every module adds: handlers of events, jobs, entries in navigation and slots."""
        from . import maintenance  # noqa: F401  the kernel's own jobs

        autodiscover_modules(*DISCOVERED)
