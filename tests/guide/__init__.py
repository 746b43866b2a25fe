"""The school's handout."""
