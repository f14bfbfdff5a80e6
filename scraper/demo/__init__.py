"""The demo: six simulated portals on loopback, so that the whole line runs without a network."""
