"""The chain from a certificate to the SI, computed from what the readings name."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from lims.queries import certificates, traceability
from web import unit
from web.speech import N_, _, small, text
from web.speech import unit as unit_of
from web.viewer import viewer

pages = Blueprint("traceability", __name__, url_prefix="/traceability")

FUNCTIONS = {
    "temperature": N_("Temperature"),
    "humidity": N_("Humidity"),
    "pressure": N_("Pressure"),
    "DCV": N_("DC voltage"),
}
GAPS = {
    "no upstream certificate is named": N_("no upstream certificate is named"),
    "this calibration has been disproved": N_("this calibration has been disproved"),
}


@pages.get("/")
def index() -> Any:
    number = request.args.get("number", "").strip()
    if number:
        return redirect(url_for("traceability.chain", number=number))
    return render_template(
        "traceability/index.html",
        area="traceability",
        lines=certificates.page(unit.reading(), viewer(), size=20).lines,
    )


@pages.get("/<number>")
def chain(number: str) -> str:
    found = traceability.chain(unit.reading(), number, viewer())
    return render_template(
        "traceability/chain.html",
        area="traceability",
        chain=found,
        spoken=spoken,
        branches=[[_item(found), *branch] for branch in branches(found)],
    )


def _item(found: traceability.Chain) -> dict[str, Any]:
    return {
        "title": f"{found.item.maker} {found.item.model}",
        "sub": f"{found.item.serial} · {found.item.code}",
        "certificate": found.number,
    }


def branches(found: traceability.Chain) -> list[list[dict[str, Any]]]:
    """One path to the SI for each standard that touched the item, as nodes for the chain piece."""
    above: dict[int | None, list[traceability.Link]] = {}
    for link in found.links:
        above.setdefault(link.parent_id, []).append(link)
    paths: list[list[dict[str, Any]]] = []

    def walk(link: traceability.Link, path: list[dict[str, Any]], depth: int) -> None:
        here = [*path, node(link)]
        following = above.get(link.version_id, []) if depth < traceability.DEEPEST else []
        if not following:
            paths.append([*here, {"title": "SI", "top": True}] if link.realises_si else here)
        for each in following:
            walk(each, here, depth + 1)

    for first in above.get(None, []):
        walk(first, [], 1)
    return paths


def node(link: traceability.Link) -> dict[str, Any]:
    why = None
    if link.gap is not None:
        why = _(GAPS[link.gap]) if link.gap in GAPS else link.gap
    elif not link.valid:
        why = _("not in date on {day}: {start} to {end}", day=link.used_on, start=link.valid_from, end=link.valid_to)
    return {
        "title": f"{link.maker} {link.model}",
        "sub": f"{text(link.description)} · {link.serial}",
        "value": [f"{function}: U {U}" for function, _span, U in spoken(link)],
        "certificate": link.certificate,
        "issuer": text(link.issuer),
        "valid": why or _("in date on {day}, until {end}", day=link.used_on, end=link.valid_to),
        "gap": why is not None,
        "code": link.code,
        "level": link.level,
        "route": link.route_class,
    }


def spoken(link: traceability.Link) -> list[tuple[str, str, str]]:
    """(function, span, U span) of the certificate, as people write them."""
    return [
        (_(FUNCTIONS[function]) if function in FUNCTIONS else function, _span(span), _span(U))
        for function, span, U in link.uncertainty()
    ]


def _span(text_: str) -> str:
    """`6e-07 … 0.0055 V` as 6 × 10⁻⁷ … 0.0055 V; one figure where both ends are the same."""
    ends, _blank, symbol = text_.rpartition(" ")
    low, _dots, high = ends.partition(" … ")
    shown = small(low) if low == high or not high else f"{_end(low)} … {_end(high)}"
    return f"{shown} {unit_of(symbol)}"


def _end(number: str) -> str:
    return small(number) if "e" in number else number.replace("-", "\N{MINUS SIGN}")
