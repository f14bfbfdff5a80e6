"""The scraper's part of the command line: the list of its commands."""

from __future__ import annotations

from scraper.commands.crawl import crawl
from scraper.commands.extract import extract_command
from scraper.commands.imports import import_command
from scraper.commands.nightly import nightly
from scraper.commands.portals import portals
from scraper.commands.rebuild import rebuild
from scraper.demo.command import demo

commands = [crawl, nightly, import_command, extract_command, rebuild, portals, demo]
