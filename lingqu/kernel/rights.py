"""Right codes that the kernel itself asks for."""

AUDIT_VIEW = "kernel.audit.view"
HEALTH_VIEW = "kernel.health.view"
