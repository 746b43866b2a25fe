"""A simulator of FranceConnect v2, strict where the real one is strict, with fictional people: a program of its own.

Owns: everything that FranceConnect would answer, its refusals and its failures. Shares no code with the bridge, which is only one of its
relying parties; imported by nobody.
"""
