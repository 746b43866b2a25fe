"""The identity provider: an OpenID provider that behaves like EduConnect.

Owns the accounts of families, how they are activated and how they sign in. Does not own the ENT (`ent_client`), nor
FranceConnect (`franceconnect_bridge`). The composition root is `idp.world` and, with pages, `idp.app`: it builds everything a request
needs from settings, and nothing lives at module level.
"""

__version__ = "0.1.0"
