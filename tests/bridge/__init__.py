"""The bridge to FranceConnect, against servers that answer as told."""
