"""Documents that are due, made at the end of the request that issued them: a person waits for them on the next page."""

from __future__ import annotations

from flask import current_app, flash

from lims.services import rendering
from web import unit
from web.errors import sentence_of
from web.speech import _


def render_now() -> None:
    """Make what is due. A failure leaves it due: the certificate is issued all the same, and the page says so."""
    try:
        with unit.writing() as work:
            rendering.render_due(work, at=unit.now(), settings=unit.settings(), holder="web")
    except Exception as error:
        current_app.logger.exception("rendering is still due")
        flash(_("The documents are still due: {why}", why=sentence_of(error)), "attention")
