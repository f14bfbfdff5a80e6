"""The nouns of the archive: frozen records that every other module speaks in, and the errors it raises.

errors          ArchiveError and its kinds, ExtractError
ids             digests and short ids
interchange     JSON
data_dir        DataDir: where everything lies
portals         Portal, and the hosts, units and expectations it has
pages           Page, Capture, Hint: what was answered, where it lies, what it says of articles
articles        Article and its attachments, with_hints
readings        Listing, Fetch, Reading, FileReading: what pages and files turned out to be; the Extractor
enrichment      TOPICS, Place, Document, Claim, Evidence: what is inferred from an article
holdings        Entry, Version, Check, Known, Problem, Totals: what the archive holds of articles and knows of itself
queries         Query, IndexDocument, EngineHits: search as an engine sees it
results         SearchRequest, Hit, Suggestion, Results: search as a reader sees it
"""

from __future__ import annotations

from archive.models.articles import (
    SOURCE_ORDER,
    Article,
    Attachment,
    BodyKind,
    PublishedSource,
    article_text,
    with_hints,
)
from archive.models.data_dir import DataDir
from archive.models.enrichment import TOPICS, Claim, Document, DocumentEntry, Enrichment, Evidence, Naming, Place
from archive.models.errors import QUERY_ERRORS, ArchiveError, ExtractError, NotFound, QueryError
from archive.models.holdings import Check, Entry, Known, Problem, Sighting, Totals, Verdict, Version
from archive.models.ids import digest, short_id
from archive.models.interchange import SCHEMA, Json
from archive.models.pages import Capture, Hint, Page, Via
from archive.models.portals import Expects, Host, Portal, Unit
from archive.models.queries import (
    FACETS,
    All,
    AnyOf,
    AtLeast,
    EngineHits,
    IndexDocument,
    Node,
    Not,
    Phrase,
    Query,
    Sort,
    Term,
)
from archive.models.readings import Extractor, Fetch, FileReading, Listing, Outcome, Reading
from archive.models.results import (
    Asked,
    Change,
    FacetValue,
    Hit,
    How,
    Match,
    Results,
    SearchRequest,
    Snippet,
    Suggestion,
)

__all__ = [
    "FACETS", "QUERY_ERRORS", "SCHEMA", "SOURCE_ORDER", "TOPICS", "All", "AnyOf", "ArchiveError", "Article",
    "Asked", "AtLeast", "Attachment", "BodyKind", "Capture", "Change", "Check", "Claim", "DataDir", "Document",
    "DocumentEntry", "EngineHits", "Enrichment", "Entry", "Evidence", "Expects", "ExtractError", "Extractor",
    "FacetValue", "Fetch", "FileReading", "Hint", "Hit", "Host", "How", "IndexDocument", "Json", "Known",
    "Listing", "Match", "Naming", "Node", "Not", "NotFound", "Outcome", "Page", "Phrase", "Place", "Portal",
    "Problem", "PublishedSource", "Query", "QueryError", "Reading", "Results", "SearchRequest", "Sighting",
    "Snippet", "Sort", "Suggestion", "Term", "Totals", "Unit", "Verdict", "Version", "Via", "article_text",
    "digest", "short_id", "with_hints",
]  # fmt: skip
