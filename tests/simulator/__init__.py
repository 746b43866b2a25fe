"""The simulator of FranceConnect, rule by rule: what it takes, what it refuses and with which code, what it can be made to get wrong."""
