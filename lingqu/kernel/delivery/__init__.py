"""E-mail and SMS through one door: ``delivery.send(...)``."""

from .sending import BadAddress, count_recent, find_message, send, states_of, withdraw

__all__ = ["BadAddress", "count_recent", "find_message", "send", "states_of", "withdraw"]
