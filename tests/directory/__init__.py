"""The school's directory: files in, records out, every one accounted for."""
