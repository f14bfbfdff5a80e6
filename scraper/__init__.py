"""Capture and extract: the path of a page from a portal into the archive.

A portal (`portals/*.toml`) names its platform (`platforms/`), one Python file per CMS family. `spiders` turns every
portal into a Scrapy spider that keeps each response as evidence; `extract` turns captured bytes into an article.
"""
