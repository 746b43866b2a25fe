"""What tests share: a real server on a free port, a browser without a screen, the tester's side of the control API."""
