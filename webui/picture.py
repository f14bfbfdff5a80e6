"""Pairs of figures as bars side by side or as lines: an SVG that runs nothing, whose numbers stand in a table beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pygal
from pygal.style import Style

Figures = tuple[float | None, ...]
SIZE = (480, 260)  # units of the picture
TARGETS, RESULTS = "#3f6fb5", "#b5651d"  # told apart by side and outline as well; 3 to 1 on light and on dark
# The picture stands alone in an <img>: it cannot see the stylesheet of its page, but it knows the reader's scheme.
_LETTERS = (
    "inline:text{font-family:system-ui,sans-serif !important}text,.text-overlay text.value{fill:#3c464a !important}"
    ".reactive{fill-opacity:1;stroke-opacity:1;stroke-width:2}"  # pygal would thin what is to be read
    ".axis .guide.line,.axis .major.guide.line{stroke:#d0d5d6}"
    ".axis text,.legends .legend text,.text-overlay text.value{font-size:13px !important}"
    ".series.serie-0 rect{fill-opacity:.25;stroke-width:2;stroke-dasharray:5,4}"
    "@media (prefers-color-scheme:dark){text,.text-overlay text.value{fill:#d5dcdd !important}"
    ".guides,.axis .line{stroke:#566267 !important}}"
)
_STYLE = Style(background="transparent", plot_background="transparent", colors=(TARGETS, RESULTS), transition="0s")


def draw_pairs(
    labels: tuple[str, ...],
    pairs: tuple[Figures, Figures],
    words: tuple[str, str],
    number: Callable[[float], str],
) -> bytes:
    """Return two rows of figures as bars, SVG without script; `words` name the two, `number` writes a figure above its bar."""
    chart = pygal.Bar(print_values=True, print_values_position="top", **_frame(number))
    return _drawn(chart, labels, pairs, words)


def draw_courses(
    labels: tuple[str, ...],
    pairs: tuple[Figures, Figures],
    words: tuple[str, str],
    number: Callable[[float], str],
) -> bytes:
    """Return two long rows of figures as lines, SVG without script; `words` name the two, `number` writes a figure."""
    chart = pygal.Line(show_dots=False, stroke_style={"width": 2}, truncate_label=-1, **_frame(number))
    return _drawn(chart, labels, pairs, words)


def _frame(number: Callable[[float], str]) -> dict[str, Any]:
    return {
        "style": _STYLE,
        "css": ("file://style.css", "file://graph.css", _LETTERS),
        "js": (),
        "no_prefix": True,
        "width": SIZE[0],
        "height": SIZE[1],
        "legend_at_bottom": True,
        "value_formatter": lambda value: "" if value is None else number(value),
        "no_data_text": "–",
    }


def _drawn(chart: Any, labels: tuple[str, ...], pairs: tuple[Figures, Figures], words: tuple[str, str]) -> bytes:
    chart.x_labels = labels
    for word, figures in zip(words, pairs, strict=True):
        chart.add(word, figures)
    chart.add_xml_filter(_without_script)
    return bytes(chart.render())


def _without_script(root: Any) -> Any:
    """Take out what pygal adds for tooltips: a picture runs nothing."""
    for parent in list(root.iter()):
        for child in [one for one in parent if one.tag == "script" or str(one.tag).endswith("}script")]:
            parent.remove(child)
    return root
