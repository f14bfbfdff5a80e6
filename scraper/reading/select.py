"""Find elements by CSS selectors in linear time: a hostile page nests what a selector names thousands of times.

libxml2 visits and compares the descendants of every match of `.a` for `.a .b`. Here each step goes on from the outermost
matches only: what lies below an inner match lies below the outer one, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, repeat
from typing import cast

from cssselect import HTMLTranslator, parse
from cssselect.parser import CombinedSelector, Tree
from lxml import etree
from lxml.html import HtmlElement
from parsel import Selector

_TRANSLATOR = HTMLTranslator()


def select(node: Selector, css: str) -> list[Selector]:
    """Return what the selectors match at or below the node, each element once, in the order of the page.

    Nothing for an empty string; raise cssselect.SelectorError for what is no selector of elements.
    """
    matches = [found for steps in _compiled(css) if (found := _follow(node.root, steps))]
    elements = matches[0] if len(matches) == 1 else _in_order(node.root, matches)
    return [Selector(root=element, type="html") for element in elements]


@lru_cache(maxsize=512)
def _compiled(css: str) -> tuple[tuple[etree.XPath, ...], ...]:
    """Return the steps of each alternative of the selectors."""
    trees = [selector.parsed_tree for selector in parse(css)] if css else []
    return tuple(
        tuple(map(_xpath, _steps(tree), chain(("descendant-or-self",), repeat("descendant")))) for tree in trees
    )


def _xpath(step: Tree, axis: str) -> etree.XPath:
    return etree.XPath(f"{axis}::{_TRANSLATOR.xpath(step)}")


def _steps(tree: Tree) -> list[Tree]:
    """Return the parts of a selector that stand apart by a blank: `.a > .b .c` gives `.a > .b` and `.c`."""
    if not isinstance(tree, CombinedSelector):
        return [tree]
    *outer, inner = _steps(tree.selector)
    if tree.combinator == " ":
        return [*outer, inner, tree.subselector]
    return [*outer, CombinedSelector(inner, tree.combinator, tree.subselector)]


def _follow(root: HtmlElement, steps: Sequence[etree.XPath]) -> list[HtmlElement]:
    found = _matches(steps[0], root)
    for step in steps[1:]:
        found = [below for place in _outermost(found) for below in _matches(step, place)]
    return found


def _matches(step: etree.XPath, place: HtmlElement) -> list[HtmlElement]:
    return cast(list[HtmlElement], step(place))


def _outermost(elements: Iterable[HtmlElement]) -> list[HtmlElement]:
    """Return those of the elements, which come in the order of the page, that no other one holds."""
    outermost: list[HtmlElement] = []
    inside: set[HtmlElement] = set()
    for element in elements:
        if element not in inside:
            outermost.append(element)
            inside.update(element.iterdescendants())
    return outermost


def _in_order(root: HtmlElement, matches: Iterable[Iterable[HtmlElement]]) -> list[HtmlElement]:
    matched = {element for found in matches for element in found}
    return [element for element in root.iter() if element in matched] if matched else []
