"""The command line."""

import click


@click.group()
def main() -> None:
    """Suyuan: a metrology and calibration laboratory information system."""
