"""The school: guardians, pupils, schools, kinship, accounts, names, phones, credentials.

Owns the rules that a school secretary could check by hand: when two names are the same, when a number is a mobile one, when somebody
is proved to be a pupil's legal guardian. Pure: no database, no network, no clock. Does not know what OpenID Connect is.
"""
