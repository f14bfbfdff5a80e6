"""The tests; shared pieces are imported from here."""
