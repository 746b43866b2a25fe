"""Backup and restore: from each database into the other, whole or not at all."""
