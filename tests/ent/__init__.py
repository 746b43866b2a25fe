"""The sample ENT, told through the door: a real browser or an HTTP client on one side, a strict provider over HTTP on the other."""
