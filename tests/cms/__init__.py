"""Simulated portals of the CMS families that the demo does not have: what a real crawl of the tests walks through."""
