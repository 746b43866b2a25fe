"""The tables, up and down."""
