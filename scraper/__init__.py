"""Capture and extract: the path of a page from a portal into the archive.

A portal is data (`portals/*.toml`, read by `catalogue`) and names its platform (`platforms/`), one Python file per CMS
family over the page helpers of `reading/`. `crawl/` asks for its pages and keeps each response as evidence, `importers/` are
other doors to the same evidence; `extract` turns captured bytes into an article. `night/` crawls unattended, `probe/` looks at
a portal that is new, `demo/` simulates some.
"""
