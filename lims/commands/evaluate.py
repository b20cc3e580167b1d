"""`lims evaluate`: one uncertainty budget, from YAML, JSON or a workbook; as a table, JSON, CSV, workbook, PDF, drawings."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

import uncertainty
from lims import __version__
from uncertainty import Budget, Evaluation
from uncertainty.presentation import BudgetTable, as_csv, figures, tables
from uncertainty.presentation.table import shown

from .outputs import write
from .speech import _, console, language, say

OUT = click.Path(dir_okay=False, path_type=Path)
WIDE = 140  # columns of a table that goes into a file or another program
ENOUGH = 110  # columns of a terminal that has room for every column of the table
LEFT = frozenset({"symbol", "unit", "distribution"})
BAR, NARROW_BAR = 20, 8  # signs of a bar that stands for the whole variance, on a wide screen and on a narrow one
LONG = 200_000  # trials from which a person is told that something is going on


def _trials(_context: click.Context, _option: click.Parameter, text: str) -> int | str:
    if text == "adaptive":
        return text
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        number = 0
    if number < 1:
        raise click.BadParameter(
            _("--trials is a whole number such as 1000000, or adaptive; found {found}", found=text)
        )
    return number


def _template(context: click.Context, _option: click.Parameter, out: Path | None) -> None:
    """Write the empty workbook and be done; no budget is asked for then."""
    if out is None or context.resilient_parsing:
        return
    from uncertainty.presentation import sheet

    book = io.BytesIO()
    sheet.template(book, language())
    write(out, book.getvalue())
    click.echo(_("Written: {file}", file=str(out)), err=True)
    context.exit()


@click.command()
@click.argument("budget", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--method", type=click.Choice(uncertainty.METHODS), default="gum", show_default=True)
@click.option("--trials", callback=_trials, default="1000000", show_default=True, help="a number, or adaptive")
@click.option("--seed", type=int, help="repeat a Monte Carlo run to the last digit")
@click.option("--json", "as_json", is_flag=True, help="the whole answer, for programs")
@click.option("--csv", "csv_out", type=OUT, help="write the budget as CSV")
@click.option("--xlsx", "xlsx_out", type=OUT, help="write the budget as a workbook that is read again")
@click.option("--pdf", "pdf_out", type=OUT, help="write the budget as PDF")
@click.option("--svg", "svg_out", type=OUT, help="write the drawings as SVG")
@click.option(
    "--template",
    type=OUT,
    callback=_template,
    is_eager=True,
    expose_value=False,
    help="write an empty workbook and end",
)
@click.option("--require-valid", is_flag=True, help="exit code 1 where Monte Carlo does not confirm the first order")
@click.pass_context
def evaluate(
    context: click.Context,
    budget: Path,
    method: str,
    trials: int | str,
    seed: int | None,
    as_json: bool,
    csv_out: Path | None,
    xlsx_out: Path | None,
    pdf_out: Path | None,
    svg_out: Path | None,
    require_valid: bool,
) -> None:
    """Evaluate the uncertainty budget in a YAML, JSON or XLSX file."""
    outs = [out for out in (csv_out, xlsx_out, pdf_out, svg_out) if out]
    _refuse_the_budget_itself(budget, outs)
    if require_valid and method == "gum":
        raise click.UsageError(_("--require-valid needs --method both"))
    read = _read(budget)
    with _waiting(method, trials):
        found = read.evaluate(method=method, trials=trials, seed=seed)
    _write(read, found, csv_out=csv_out, xlsx_out=xlsx_out, pdf_out=pdf_out, svg_out=svg_out)
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=1))
    else:
        _show(read, found)
    for out in outs:
        click.echo(_("Written: {file}", file=str(out)), err=True)
    valid = all(row["valid"] for row in (found.validation or {}).values())
    context.exit(1 if require_valid and not valid else 0)


def _read(file: Path) -> Budget:
    """The budget of a file, read and checked."""
    if file.suffix.lower() != ".xlsx":
        return uncertainty.compile(file)
    from uncertainty.presentation import sheet

    return sheet.compile(file)


def _refuse_the_budget_itself(budget: Path, outs: list[Path]) -> None:
    for out in outs:
        if out.resolve() == budget.resolve():
            raise click.UsageError(_("{file} is the budget itself: write to another file", file=str(out)))


@contextmanager
def _waiting(method: str, trials: int | str) -> Iterator[None]:
    """A moving sign on standard error while many trials are drawn, on a terminal only."""
    terminal = Console(stderr=True)
    if method == "gum" or (isinstance(trials, int) and trials < LONG) or not terminal.is_terminal:
        yield
        return
    with terminal.status(_("Monte Carlo, {trials} trials …", trials=trials)):
        yield


def _write(
    read: Budget,
    found: Evaluation,
    *,
    csv_out: Path | None,
    xlsx_out: Path | None,
    pdf_out: Path | None,
    svg_out: Path | None,
) -> None:
    """Every file that was asked for, each whole or not at all."""
    if csv_out:
        write(csv_out, as_csv(tables(read, found).values(), language()))
    if xlsx_out:
        from uncertainty.presentation import sheet

        book = io.BytesIO()
        sheet.write(read, found, book, language())
        write(xlsx_out, book.getvalue())
    if pdf_out:
        from lims.documents import budget_page

        page = budget_page.as_pdf(read, found, at=datetime.now(UTC), software=f"Suyuan {__version__}")
        write(pdf_out, page)
    if svg_out:
        from uncertainty.presentation.pictures import one_file

        write(svg_out, one_file(read, found, language()))


def _show(read: Budget, found: Evaluation) -> None:
    """The tables, then what Monte Carlo says beside them."""
    for name, table in tables(read, found).items():
        click.echo(f"{name}: {table.report()[language()]}")
        screen = _screen()
        screen.print(_table(table, wide=screen.width >= ENOUGH))
    for warning in found.warnings:
        click.echo(warning["text"][language()])
    if found.monte_carlo:
        say(
            "Monte Carlo: {trials} trials, seed {seed}",
            trials=found.monte_carlo["trials"],
            seed=found.monte_carlo["seed"],
        )
        for name, row in found.monte_carlo["measurands"].items():
            low, high = row["interval_symmetric"]
            spread = "-" if row["u"] is None else f"{row['u']:.4g}"
            click.echo(f"  {name}: {row['mean']:.9g}, u = {spread}, [{low:.9g}, {high:.9g}]")
    for name, row in (found.validation or {}).items():
        verdict = _("confirmed by Monte Carlo") if row["valid"] else _("not confirmed: quote the Monte Carlo interval")
        say("First order for {name} by JCGM 101, clause 8: {verdict}", name=name, verdict=verdict)


def _screen() -> Console:
    """As wide as the terminal; wide enough for every number where there is none."""
    return Console(highlight=False, width=None if console().is_terminal else WIDE)


def _table(table: BudgetTable, *, wide: bool) -> Table:
    """One row a quantity, its share drawn as a bar; below, the combined standard uncertainty.

    On a narrow screen without distributions and with short bars, so that no number is cut.
    """
    columns = _columns()
    if not wide:
        del columns["distribution"]
    made = Table(box=None, pad_edge=False, padding=(0, 1) if wide else (0, 1, 0, 0))
    for key, heading in columns.items():
        made.add_column(heading, justify="left" if key in LEFT else "right", no_wrap=True)
    made.add_column("", no_wrap=True, overflow="crop")
    for row in table.rows:
        cells = shown(row, language())
        made.add_row(*(Text(cells[key]) for key in columns), Text(bar(row.share, BAR if wide else NARROW_BAR)))
    unit = "" if table.unit == "1" else table.unit
    result = (table.measurand, figures.estimate(table.y, table.u_c), unit, figures.figure(table.u_c, 3))
    made.add_row(*(Text(cell, style="bold") for cell in (*result, figures.dof(table.dof))))
    return made


def _columns() -> dict[str, str]:
    """Cell of a shown row → its heading."""
    return {
        "symbol": _("Quantity"),
        "estimate": _("Estimate"),
        "unit": _("Unit"),
        "u": "u",
        "dof": "ν",
        "distribution": _("Distribution"),
        "sensitivity": _("Sensitivity"),
        "contribution": _("Contribution"),
        "share": _("Share"),
    }


def bar(share: float | None, width: int = BAR) -> str:
    """A share of the variance as a bar, a negative one hatched; one sign at least for what is not nothing."""
    if not share or abs(share) < 5e-4:
        return ""
    return ("█" if share > 0 else "░") * max(1, min(2 * width, round(width * abs(share))))
