"""Families as code: one TOML document of schools, families and clients, checked as a whole and taken into a test instance.

Owns the document's members (`document`), how it is read (`reading`, `lines`), what may not be in it (`rules`), the directory records that
it means (`records`), and how it is taken in (`loading`). Does not own the rules of the directory, of identity or of passwords: it asks
those that the real journeys ask, so that what it makes could have come from them. Entered by the command line, the server's start and the
control API, all of them through `loading.FamiliesLoader`.
"""
