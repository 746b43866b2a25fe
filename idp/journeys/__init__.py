"""What a person or a client comes to do, step by step: sign in, activate an account, exchange a code.

Owns the order of the steps and what each one proves. Talks to the world through `ports` only. Does not know HTML, HTTP or SQL.
"""
