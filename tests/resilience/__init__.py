"""Proof under races and under kill -9: the real server, real flows, and SIGKILL at chosen and at random moments (guarantees 9 and 14)."""
