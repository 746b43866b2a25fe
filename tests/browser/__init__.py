"""The whole story in a real Chromium, against the demo as a user starts it."""
