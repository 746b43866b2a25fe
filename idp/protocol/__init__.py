"""The standards: OAuth 2.0, OpenID Connect and their companions, one file per text.

Owns the checks that the texts ask for, in their order, the errors they name, and the lines that each adds to discovery. Pure: no
Flask, no database, no clock of its own; what it needs to know is handed in. Does not know what a school is.
"""
