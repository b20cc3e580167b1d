"""Files that commands write: whole or not at all, and one sentence where they cannot be written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click

from .speech import _


def write(path: Path, content: bytes) -> None:
    """Write a file under a name of its own beside it, then put it in its place."""
    try:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            Path(beside).chmod(0o666 & ~_umask())
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise click.ClickException(
            _("{file} cannot be written: {reason}", file=str(path), reason=error.strerror or str(error))
        ) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
