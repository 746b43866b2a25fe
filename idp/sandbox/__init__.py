"""The testers' control API (`/sandbox/v1`): messages, clock, audit, reset.

Mounted by `idp.app` only where the settings ask for it and the issuer is a test issuer. Knows journeys and adapters, never a table.
"""
