"""The way in through FranceConnect: a relying party of FranceConnect v2, and beside it a simulator of FranceConnect (`simulator`).

The bridge does not know the identity provider that mounts it. It takes its settings, a clock, a store and two answers from whoever mounts
it (`ports`), and hands back one verified identity (`identity`). What that identity may open is not decided here.

Owns: what is sent to FranceConnect and every check of what comes back. Does not own: accounts, guardians, pages for parents. May be
entered by `idp.app` alone; imports neither `idp` nor `ent_client` nor the simulator, which shares no code with it on purpose: a fault
common to both would hide.
"""
