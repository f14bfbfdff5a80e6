"""Out of the archive: the JSON of design section 6 and 10, and the export formats built on it.

`articles` has articles and search results, `pledges` what was promised and what came of it, `coverage` what is held and
why not more, `enquiries` questions in a list and their replies; `tables` writes CSV, `formats` exports many articles.
"""

from archive.export.articles import enrichment_json, entry_json, results_json
from archive.export.coverage import coverage_in_words, table_json
from archive.export.enquiries import read_enquiries, replies_csv
from archive.export.formats import FORMATS, export
from archive.export.pledges import pledge_json, pledges_csv, pledges_json
from archive.export.tables import csv_lines

__all__ = [
    "FORMATS",
    "coverage_in_words",
    "csv_lines",
    "enrichment_json",
    "entry_json",
    "export",
    "pledge_json",
    "pledges_csv",
    "pledges_json",
    "read_enquiries",
    "replies_csv",
    "results_json",
    "table_json",
]
