from .clients import OidcClient
from .grants import Grant, SpentId
from .keys import SigningKey

__all__ = ["Grant", "OidcClient", "SigningKey", "SpentId"]
