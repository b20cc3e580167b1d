"""`lims dcc`: digital calibration certificates."""

from __future__ import annotations

from pathlib import Path

import click

from lims import config, words
from lims.documents import dcc as certificates
from lims.services import rendering

from .speech import language, say


@click.group()
def dcc() -> None:
    """Digital calibration certificates (DCC)."""


@dcc.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def validate(files: tuple[Path, ...]) -> int:
    """Validate DCC files against their schema."""
    schemas = rendering.schemas_of(config.load())
    bad = False
    for file in files:
        findings = certificates.validate(file.read_bytes(), schemas)
        if not findings:
            say("{file}: valid.", file=file)
        for finding in findings:
            bad = True
            click.echo(f"{file}: {words.sentence(finding, language())}")
    return 1 if bad else 0
