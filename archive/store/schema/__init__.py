"""Numbered schema files, applied once each in order; later changes are new files, never edits."""
