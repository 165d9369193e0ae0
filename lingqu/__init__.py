"""Lingqu 灵渠: the open digital public-service platform of an education region."""

__version__ = "0.1.0"
