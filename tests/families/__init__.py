"""Families as code: the document, its checks, and what a load makes of it."""
