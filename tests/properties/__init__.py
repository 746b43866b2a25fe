"""Any text in any field, in any order: what must hold whatever is sent. `make fuzz` goes on for longer, with other examples."""
