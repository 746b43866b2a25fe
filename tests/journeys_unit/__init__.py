"""Small pure parts of the journeys; their stories are told over HTTP in tests/journeys."""
