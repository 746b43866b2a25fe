"""Measures, each in its own file; `make bench` runs them all."""
