"""The world, one file per thing touched: tables, stores, keys, messages, directory files, clock.

Owns every SQL statement and every network call of the identity provider. Implements the ports of `idp.journeys.ports`; nothing
here decides who may do what. Entered by `idp.world`, `idp.app`, `idp.cli` and `idp.sandbox` only.
"""
