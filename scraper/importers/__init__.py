"""Other doors to the same captures."""
