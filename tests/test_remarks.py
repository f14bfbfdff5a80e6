"""What nights and portals are said to show, told in Vietnamese: every sentence that the code can make is in the table."""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from importlib import import_module, resources
from itertools import product
from pkgutil import iter_modules
from types import ModuleType

import pytest

from archive import health
from archive.health import judge
from archive.models import Expects, Portal
from archive.runs import Figures, Run
from scraper import extract, platforms, quarantine, reading
from scraper.crawl import evidence, patience, signs, spiders
from scraper.night import night, supervision
from tests.pace import assert_within
from webui.remarks import in_vietnamese

MAKERS = (health, signs, patience, evidence, spiders, supervision, night, quarantine)  # of remarks, details and notes
READERS = (extract, *(import_module(f"scraper.{kind.__name__.split('.')[1]}.{one.name}") for kind in (reading, platforms)
                      for one in iter_modules(kind.__path__)))  # fmt: skip
REFUSALS = ("ExtractError", "PageRefused", "FileRefused", "refusal")  # whose messages are the details of problems
NOT_TOLD = ("ADVICE", "alert_in_words", "_closed")  # of an operator's terminal, where English is spoken
NO_REMARKS = {  # sentences of the makers that no page shows as a remark
    "answered like an address that never was",  # details of checks: pages tell their kind
    "a page that only sets a cookie",
    "advertises gambling",  # its phrases follow it, as in APART
}
APART = {"{} (http{} {})", "advertises gambling ({})", "title", "text"}  # made in two steps, or of a single word

TABLE: dict[str, str] = tomllib.loads(resources.files("webui").joinpath("remarks.toml").read_text("utf-8"))
NAME = re.compile(r"\{(\w+)(?:\.\.\.|,)?\}")


class Sentences(ast.NodeVisitor):
    """Collects the texts that a module can put into the world, f-strings with "{}" for what is filled in.

    Without docstrings, what is logged, and the messages of exceptions that are no refusal to read.
    """

    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_Raise(self, node: ast.Raise) -> None:
        if isinstance(node.exc, ast.Call) and ast.unparse(node.exc.func) in REFUSALS:
            self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name not in NOT_TOLD:
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if not (isinstance(node.target, ast.Name) and node.target.id in NOT_TOLD):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if not ast.unparse(node.func).startswith("_log."):
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.found.extend("".join(pieces) for pieces in product(*map(alternatives, node.values)))
        for piece in node.values:
            if isinstance(piece, ast.FormattedValue) and len(alternatives(piece)) == 1:
                self.visit(piece.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.found.append(node.value)


def alternatives(piece: ast.expr) -> list[str]:
    """Return what may stand there: the text itself, each of two that are chosen from, else "{}"."""
    if isinstance(piece, ast.Constant):
        return [piece.value]
    match piece:
        case ast.FormattedValue(ast.IfExp(_, ast.Constant(one), ast.Constant(other))):
            return [one, other]
    return ["{}"]


def made_in(source: ast.AST) -> Iterator[str]:
    """Yield each part of a sentence that a source can make: words, not a name or a sign."""
    collector = Sentences()
    collector.visit(source)
    for sentence in collector.found:
        for part in sentence.split("; "):
            if " " in part.strip() and re.search("[A-Za-z]{2}", part):
                yield part


def refused_in(source: ast.AST) -> Iterator[str]:
    """Yield each part of a sentence by which a source can refuse to read something."""
    for node in ast.walk(source):
        if isinstance(node, ast.Raise):
            yield from made_in(node)


def parsed(module: ModuleType) -> ast.AST:
    return ast.parse(inspect.getsource(module))


def test_every_sentence_that_the_code_can_make_has_its_vietnamese_words_and_no_other_has() -> None:
    said = {part for module in MAKERS for part in made_in(parsed(module))}
    said |= {part for module in READERS for part in refused_in(parsed(module))}
    known = {NAME.sub("{}", english) for english in TABLE}
    assert said - known - NO_REMARKS == set()
    assert known - said == APART
    assert said >= NO_REMARKS


def test_a_new_sentence_would_be_noticed() -> None:
    source = ast.parse(
        'def f(n):\n    "Doc string."\n    _log.info("no remark")\n    yield f"{n} moons seen {\'here\' if n else \'there\'}; at night"\n'
    )
    refusal = ast.parse("raise PageRefused(f'{n} words')\nraise ValueError('no remark')\n'no refusal'")
    assert set(refused_in(refusal)) == {"{} words"}
    assert set(made_in(source)) == {"{} moons seen here", "{} moons seen there", "at night"}


@pytest.mark.parametrize(("english", "vietnamese"), TABLE.items())
def test_the_vietnamese_words_name_the_same_values(english: str, vietnamese: str) -> None:
    assert sorted(NAME.findall(english)) == sorted(NAME.findall(vietnamese))


TOLD = {
    "3 articles seen, at least 5 expected: has the portal's layout changed?": "thấy 3 bài, trong khi phải có ít nhất 5 bài: bố cục trang đã thay đổi chăng?",
    "3 articles seen, 12.5 on most nights: has the portal's layout changed?": "thấy 3 bài, phần lớn các đêm là 12,5 bài: bố cục trang đã thay đổi chăng?",
    "articles with a date: 3 of 10, 95% on most nights": "bài có ngày đăng: 3 trên 10, phần lớn các đêm là 95%",
    "stopped by a signal; what it captured is kept, the next crawl goes on": "bị dừng bằng tín hiệu; những gì đã chụp được giữ lại, lượt sau sẽ làm tiếp",
    "no page was answered; it leads to a.vn, b.vn": "không trang nào có câu trả lời; địa chỉ dẫn sang a.vn, b.vn",
    "sections that did not answer, have they moved? Tin tức (https://a.vn/x HTTP 404), Nghề (http://a.vn/y leads to the start page)": "chuyên mục không trả lời, đã đổi địa chỉ chăng? Tin tức (https://a.vn/x HTTP 404), Nghề (http://a.vn/y dẫn về trang chủ)",
    "the server asks for patience (HTTP 429, 20 times in a row); left for tonight": "máy chủ xin chờ (HTTP 429, 20 lần liên tiếp); đêm nay không hỏi nữa",
    "while nothing but this portal was at work, its process was ended by SIGKILL": "khi chỉ còn trang này đang được thu thập, tiến trình bị ngắt bởi SIGKILL",
    "quarantined: advertises gambling (casino, nổ hũ); its bytes are kept": "bị cách ly: quảng cáo cờ bạc (casino, nổ hũ); nội dung gốc vẫn được giữ",
    "the title of the article is empty": "tiêu đề của bài để trống",
    "the file is broken: PdfReadError EOF marker not found": "tệp hỏng: PdfReadError EOF marker not found",
    "": "",
}


@pytest.mark.parametrize(("english", "vietnamese"), TOLD.items())
def test_a_remark_is_told_in_vietnamese(english: str, vietnamese: str) -> None:
    assert "; ".join(part.text for part in in_vietnamese(english)) == vietnamese
    assert {part.language for part in in_vietnamese(english)} == ({"vi"} if english else {"en"})


def test_what_the_table_does_not_know_stays_english_and_says_so() -> None:
    parts = in_vietnamese("<b>&{seen}; left for tonight; ended early: reason; %(x)s")
    assert [part.language for part in parts] == ["en", "vi", "vi", "en"]
    assert parts[0].text == "<b>&{seen}"


def test_all_that_is_said_of_a_bad_night_is_told_in_vietnamese() -> None:
    portal = Portal("p", "P", "vnpt", (), "http://p.example/", expects=Expects((5, 9), 0.9))
    good = Figures(100, 30, 20, 20, 20, 20, walked=30)
    past = [Run(f"R{n}", "p", "live", f"2026-01-{n + 1:02}T18:00:00Z", None, "ok", figures=good) for n in range(9)]
    nights = (
        Figures(10, 2, 9, 3, 2, 1, blocked=6, quarantined=4, duplicates=3, walked=2),
        Figures(10, 90, 300, 299, 250, 299, duplicates=290, walked=20, blocked=3),
        Figures(100, 2, 0, walked=2, is_cut=True),
    )
    said = [breach.said for figures in nights for breach in judge(portal, figures, past, date(2026, 3, 3))]
    assert len(said) > 9
    assert [part.text for one in said for part in in_vietnamese(one) if part.language == "en"] == []


@pytest.mark.parametrize("piece", ["a (http b ", ": ", "x", "(http ", "1 of ", "1 articles seen, "])
def test_no_remark_takes_long(piece: str) -> None:
    for length in (4_000, 100_000):
        remark = piece * (length // len(piece))
        assert_within(lambda remark=remark: (in_vietnamese.cache_clear(), in_vietnamese(remark)), 0.05)
