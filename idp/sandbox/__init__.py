"""The testers' control API (`/sandbox/v1`): messages, clock, audit, reset; and the simulated phone, a page (`/sandbox/messages`).

Mounted by `idp.app` only where the settings ask for it and the issuer is a test issuer. Knows journeys and adapters, never a table.
`guard` decides who may call, `api` answers programs, `phone` shows persons their texts, `mount` ties them to one world.
"""
