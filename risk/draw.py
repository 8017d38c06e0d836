"""Draw a probability as a hundred figures (v: matplotlib)."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from risk.assessment import Natural, RiskAssessment, natural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

# Fonts with Chinese glyphs, simplified first: Linux, Windows, macOS.
_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "Hiragino Sans GB",
    "Noto Serif CJK SC",
)
_PLAIN = "DejaVu Sans"  # comes with matplotlib
# Blue and orange told apart by every kind of colour vision; the filled ones also stand taller.
_AFFECTED, _SPARED, _INK, _QUIET = "#c2410c", "#b6c6d8", "#1f2937", "#4b5563"


@cache
def _glyphs(family: str) -> frozenset[int]:
    """The characters that ``family`` can draw; empty if it is not installed."""
    from matplotlib import font_manager

    for entry in font_manager.fontManager.ttflist:
        if entry.name == family:
            face = font_manager.get_font(entry.fname)
            return frozenset(face.get_charmap())
    return frozenset()


def font_for(text: str, fonts: tuple[str, ...] = (_PLAIN, *_FONTS)) -> str | None:
    """The first of ``fonts`` that has every character of ``text``; None rather than empty boxes."""
    wanted = {ord(character) for character in text if not character.isspace()}
    return next((family for family in fonts if wanted <= _glyphs(family)), None)


@cache
def _person() -> Path:
    """A head over rounded shoulders, centred on the origin."""
    from matplotlib.path import Path

    head = Path.circle((0.0, 0.62), 0.3)
    body = Path(
        [(-0.5, -0.9), (-0.5, 0.0), (-0.5, 0.25), (-0.25, 0.25), (0.25, 0.25), (0.5, 0.25),
         (0.5, 0.0), (0.5, -0.9), (-0.5, -0.9)],
        [Path.MOVETO, Path.LINETO, Path.CURVE3, Path.CURVE3, Path.LINETO, Path.CURVE3,
         Path.CURVE3, Path.LINETO, Path.CLOSEPOLY],
    )  # fmt: skip
    return Path.make_compound_path(head, body)


def _say(
    axes: Axes, x: float, y: float, text: str, size: float, *, bare: str = "", **style: str
) -> None:
    """Write ``text`` if a font has all its characters; else ``bare``, in plain digits."""
    family = font_for(text)
    if family is None:
        # Digits torn out of their sentence say nothing; the words stand in the message beside it.
        text, family = bare, _PLAIN
    if not text:
        return
    drawn = axes.text(x, y, text, size=size, family=family, ha="center", va="center", **style)  # type: ignore[arg-type]
    width = drawn.get_window_extent().width / axes.get_window_extent().width
    if width > 0.94:  # a long line grows smaller rather than running off the picture
        drawn.set_fontsize(size * 0.94 / width)


def _figures(axes: Axes, found: Natural) -> None:
    places = [(column, 9 - row) for row in range(10) for column in range(10)]
    for part, colour in ((places[: found.count], _AFFECTED), (places[found.count :], _SPARED)):
        if part:
            axes.scatter(
                [x for x, _ in part],
                [y for _, y in part],
                s=900,
                marker=_person(),
                color=colour,
                linewidths=0,
            )


def draw(assessment: RiskAssessment, *, language: str, labels: Mapping[str, str]) -> bytes:
    """A PNG (900 x 1200 pixels): the person's number, 100 figures, the comparison's number.

    ``labels`` holds the words, already in ``language``: "title" (what and by when), "you" and
    "comparison" (each with its number in it), and "method". All four are needed (KeyError).
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.0, 8.0), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(-1.0, 10.0)
    axes.set_ylim(-2.9, 12.0)
    _say(axes, 4.5, 11.35, labels["title"], 15, color=_INK)
    probability = assessment.prediction.probability
    assert probability is not None, "a score without a share has no picture"
    people = natural(probability)
    bare = f"{people.count or '<1'} / {people.of}"
    _say(axes, 4.5, 10.35, labels["you"], 22, bare=bare, color=_AFFECTED, weight="bold")
    _figures(axes, people)
    if labels["comparison"]:
        _say(axes, 4.5, -1.1, labels["comparison"], 13, color=_INK)
    _say(axes, 4.5, -2.3, labels["method"], 9.5, color=_QUIET)
    target = io.BytesIO()
    # No time stamp or software name: the same assessment is the same picture.
    figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()
