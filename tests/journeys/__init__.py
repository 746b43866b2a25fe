"""Stories told through the door: real server, real HTTP, the SMS read from the outbox, the audit line asserted."""
