"""A strict FranceConnect v2 look-alike, a program of its own: `python -m franceconnect_bridge.simulator`.

Owns its pages, its fictional persons and identity providers, its keys, clock and control API. Shares no code with the bridge, the identity
provider or the sample ENT, and nobody imports it: whoever uses it, uses it over HTTP. Read in this order: `authorize.py` (what a request
must be), `pages.py` (what the person sees), `backchannel.py` (token and userinfo), `faults.py` (how it fails on purpose).
"""
