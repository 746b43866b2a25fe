"""What a stranger can find out (guarantee 1): the same answers, the same work, for who is known and who is not."""
