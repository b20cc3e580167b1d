"""`lims evaluate`: one uncertainty budget."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table

import uncertainty

from .speech import _, console, language, say


def _trials(_context: click.Context, _option: click.Parameter, text: str) -> int | str:
    if text == "adaptive":
        return text
    try:
        number = int(float(text))
    except ValueError:
        number = 0
    if number < 1:
        raise click.BadParameter(
            _("--trials is a whole number such as 1000000, or adaptive; found {found}", found=text)
        )
    return number


@click.command()
@click.argument("budget", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--method", type=click.Choice(["gum", "monte-carlo", "both"]), default="gum", show_default=True)
@click.option("--trials", callback=_trials, default="1000000", show_default=True, help="a number, or adaptive")
@click.option("--seed", type=int, help="repeat a Monte Carlo run to the last digit")
@click.option("--json", "as_json", is_flag=True, help="the whole answer, for programs")
def evaluate(budget: Path, method: str, trials: int | str, seed: int | None, as_json: bool) -> None:
    """Evaluate the uncertainty budget in a YAML or JSON file."""
    answer = uncertainty.evaluate(str(budget), method=method, trials=trials, seed=seed).to_dict()
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    for name, measurand in answer["measurands"].items():
        click.echo(f"{name}: {measurand['report'][language()]}")
        table = Table(box=None, pad_edge=False)
        for heading in (_("Quantity"), _("Sensitivity"), "u", "ν", _("Contribution"), _("Share")):
            table.add_column(heading, justify="left" if heading == _("Quantity") else "right")
        for row in answer["contributions"][name]:
            table.add_row(*_cells(row))
        console().print(table)
    monte_carlo = answer.get("monte_carlo")
    if monte_carlo:
        say("Monte Carlo: {trials} trials, seed {seed}", trials=monte_carlo["trials"], seed=monte_carlo["seed"])
        for name, found in monte_carlo["measurands"].items():
            low, high = found["interval_symmetric"]
            spread = "-" if found["u"] is None else f"{found['u']:.4g}"
            click.echo(f"  {name}: {found['mean']:.9g}, u = {spread}, [{low:.9g}, {high:.9g}]")
    for name, row in (answer.get("validation") or {}).items():
        verdict = _("confirmed by Monte Carlo") if row["valid"] else _("not confirmed: quote the Monte Carlo interval")
        say("First order for {name} by JCGM 101, clause 8: {verdict}", name=name, verdict=verdict)


def _cells(row: dict[str, Any]) -> list[str]:
    dof = "∞" if row["dof"] is None else f"{row['dof']:.3g}"
    share = "-" if row["share"] is None else f"{100 * row['share']:.1f} %"
    return [
        row["quantity"],
        f"{row['sensitivity']:.5g}",
        f"{row['u']:.4g}",
        dof,
        f"{row['contribution']:.4g}",
        share,
    ]
