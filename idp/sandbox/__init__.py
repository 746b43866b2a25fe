"""The testers' control API (`/sandbox/v1`): messages, clock, audit, reset; and the simulated phone, a page (`/sandbox/messages`).

Mounted by `idp.app` only where the settings ask for it and the issuer is a test issuer. Knows journeys and adapters, never a table.
Faults (`/sandbox/v1/faults`, the page `/sandbox/faults`) change what the provider answers on its way out; `faults/` is their catalogue,
`fault_board` says which of them meets an answer.
`guard` decides who may call, `operations` lists what programs may ask, each `*_api` one subject of it, `phone` shows persons their texts,
`mount` ties them to one world.
"""
