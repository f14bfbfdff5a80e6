"""The scraper's commands: one module each, listed in `scraper.cli`."""
