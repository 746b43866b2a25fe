"""The school's rules, as decision tables."""
