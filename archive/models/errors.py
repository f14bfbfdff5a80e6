"""What goes wrong: the errors that the archive raises.

ArchiveError            something a person must act on; its message says what, where and what to do
├── QueryError          a search that cannot be understood
└── NotFound            an id that the archive does not hold
ExtractError            a captured page is not what its platform said; the page is kept, a problem is recorded
"""

from __future__ import annotations


class ArchiveError(Exception):
    """Something a person must act on; the message says what is wrong, where, and what to do."""


class QueryError(ArchiveError):
    """A search that cannot be understood: `code` is a key of QUERY_ERRORS, `values` fill its sentence.

    The message is that sentence, in English; the web UI says the same by code in the reader's language.
    """

    def __init__(self, code: str, **values: int | str) -> None:
        super().__init__(QUERY_ERRORS[code].format(**values))
        self.code = code
        self.values = values


QUERY_ERRORS = {
    "length": "the query is {length} characters long; at most {limit} can be searched for",
    "empty": "the query has no word to search for; type at least one word or document number",
    "words": "the query has too many words; at most {limit} can be searched for",
    "phrase": "a phrase between quotation marks has at most {limit} words",
    "phrases": "the query has too many phrases; at most {limit} can be searched for",
    "limit": "a page has 1 to {limit} hits",
    "page": "only the first {limit} hits can be seen; narrow the query",
    "day": "days are written year-month-day, as in 2020-01-31",
    "span": "the first day must come before the last",
    "filter": "there is no filter called {name}",
}


class NotFound(ArchiveError):
    """An id that the archive does not hold."""


class ExtractError(Exception):
    """A captured page is not what its platform says; names the selector or the field at fault."""
