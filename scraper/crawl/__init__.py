"""Capture: a portal's spider asks for its pages, politely, and every response is evidence before anybody reads it.

`process` runs spiders side by side; `spiders` makes one of each portal; `routes`, `robots`, `patience`, `gates` and `guard`
stand between a spider and the network and say what may be asked, when, and what is handed on; `evidence` writes what came
into WARC files; `signs` gathers what a run showed of its portal; `run` is the write side that all of them share.
"""
