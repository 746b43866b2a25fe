"""What each adapter of a port must do, shown on every real one."""
