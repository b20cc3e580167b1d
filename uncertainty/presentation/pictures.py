"""The drawings that belong to one evaluation: shares of every measurand, and its distribution where Monte Carlo was run."""

from __future__ import annotations

from dataclasses import dataclass

from ..distributions import FloatArray
from ..evaluation import Budget, Evaluation
from . import plots
from .svg import stacked
from .table import tables
from .wording import word

MOST_DRAWS = 200_000  # what a histogram of 80 bins can show


@dataclass(frozen=True, slots=True)
class Picture:
    """One SVG element, its height in its own units, and what it shows in words."""

    svg: str
    height: float
    about: str


def pictures(budget: Budget, evaluation: Evaluation, lang: str = "zh", identity: str = "budget") -> list[Picture]:
    """The drawings of an evaluation, in the order of its measurands."""
    found = []
    draws = samples(budget, evaluation)
    for row, (name, table) in enumerate(tables(budget, evaluation).items()):
        drawn = plots.contributions(table, lang, f"{identity}-{row}-shares")
        found.append(_picture(drawn, plots.contributions_height(table)))
        if draws is not None and evaluation.monte_carlo is not None:
            summary = evaluation.monte_carlo["measurands"][name]
            trials = evaluation.monte_carlo["trials"]
            drawn = plots.histogram(
                draws[row], summary, table, trials=trials, lang=lang, identity=f"{identity}-{row}-draws"
            )
            found.append(_picture(drawn, plots.HEIGHT))
    return found


def one_file(budget: Budget, evaluation: Evaluation, lang: str = "zh") -> bytes:
    """All drawings of an evaluation one below the other, as an SVG file."""
    made = pictures(budget, evaluation, lang)
    title = str(budget.document.data.get("title") or word("budget", lang))
    about = " ".join(picture.about for picture in made)
    whole = stacked([(picture.svg, picture.height) for picture in made], title, about, "budget-all")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}\n'.encode()


def samples(budget: Budget, evaluation: Evaluation) -> FloatArray | None:
    """(measurands, n) draws of the run's own seed, drawn again for a picture; None where there was no Monte Carlo."""
    if evaluation.monte_carlo is None:
        return None
    from ..montecarlo import Sampler

    return Sampler(budget).draw(min(evaluation.monte_carlo["trials"], MOST_DRAWS), evaluation.monte_carlo["seed"])


def _picture(drawn: str, height: float) -> Picture:
    about = drawn.partition("<desc")[2].partition(">")[2].partition("</desc>")[0]
    for coded, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        about = about.replace(coded, sign)
    return Picture(drawn, height, about)
