"""The pages by themselves: real Flask, real Chromium, journeys that answer what the test wants."""
