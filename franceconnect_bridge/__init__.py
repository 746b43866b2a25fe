"""The way in through FranceConnect: a relying party of FranceConnect v2, and its simulator.

Nothing is here yet, and nothing imports it: the parents' first way in, by SMS, came first (`docs/security.md`, line 4).
"""
