"""The testers' control API."""
