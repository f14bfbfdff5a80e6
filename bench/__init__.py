"""Measurements, never tests: each prints figures and their ratio to a peer measured in the same run."""
