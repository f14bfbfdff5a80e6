"""Render: the archive as web pages."""
