"""A strict look-alike of FranceConnect v2, in a process of its own: `preau franceconnect-simulator`.

It is for any relying party of FranceConnect, and for Préau's bridge, with which it shares no code on purpose. What it knows of the real
service, how surely, and where it differs: docs/fidelity-franceconnect.md.

Owns: fictional identity providers, fictional persons (`persons.toml`), the protocol as FranceConnect speaks it, and its faults. Keeps
everything in the memory of one process (docs/decisions/0014). Imports neither `idp` nor `ent_client` nor the bridge; imported by nobody.
"""
