"""Small builders for DCC elements: names in both languages, quantities as D-SI lists, contacts, references by digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml import etree

from .dsi import dsi
from .texts import Text

DCC = "https://ptb.de/dcc"
SI = "https://ptb.de/si"
NAN = "NaN"  # D-SI's word for a number that is not stated

Element = etree._Element


def dcc(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """A new dcc: element under `parent`."""
    element = etree.SubElement(parent, f"{{{DCC}}}{name}", attributes)
    element.text = None if text is None else text.strip()  # the schema refuses space at the ends of most texts
    return element


def si(parent: Element, name: str, text: str | None = None) -> Element:
    """A new si: element under `parent`."""
    element = etree.SubElement(parent, f"{{{SI}}}{name}")
    element.text = text
    return element


def text(parent: Element, name: str, value: Mapping[str, str], **attributes: str) -> Element:
    """A dcc:textType (or richContentType) element with both languages."""
    element = dcc(parent, name, **attributes)
    for lang in ("zh", "en"):
        dcc(element, "content", value[lang], lang=lang)
    return element


def plain(parent: Element, name: str, value: str) -> Element:
    """A dcc:textType element with one text for every language (names of makers, numbers)."""
    element = dcc(parent, name)
    dcc(element, "content", value)
    return element


def contact(parent: Element, name: str, who: Mapping[str, Text], country: str, *, mail: str | None = None) -> Element:
    """A dcc:contactType with name and address."""
    element = dcc(parent, name)
    text(element, "name", who["name"])
    if mail:
        dcc(element, "eMail" if "@" in mail else "phone", mail)
    location = dcc(element, "location")
    dcc(location, "countryCode", country)
    text(location, "further", who["address"])
    return element


def maker(parent: Element, name: str | None) -> None:
    """A manufacturer, where known: a contact of a name only."""
    if name:
        plain(dcc(parent, "manufacturer"), "name", name)


def identification(parent: Element, issuer: str, value: str | None, name: Text, ref_type: str | None = None) -> None:
    """One dcc:identification, where known; issuer: manufacturer | calibrationLaboratory | customer | owner | other."""
    if not value:
        return
    element = dcc(parent, "identification", **({"refType": ref_type} if ref_type else {}))
    dcc(element, "issuer", issuer)
    dcc(element, "value", value)
    text(element, "name", name)


def reference(
    parent: Element,
    name: str,
    *,
    referral: Text,
    number: str,
    digest: str,
    description: Text | None = None,
    valid: bool | None = None,
    traceable: bool | None = None,
) -> None:
    """A dcc:hashType: another document by its number and SHA-256."""
    element = dcc(parent, name)
    text(element, "referral", referral)
    dcc(element, "referralID", number)
    dcc(element, "procedure", "SHA-256")
    dcc(element, "value", digest)
    if description is not None:
        text(element, "description", description)
    if valid is not None:
        dcc(element, "inValidityRange", _boolean(valid))
    if traceable is not None:
        dcc(element, "traceable", _boolean(traceable))


def statement(
    parent: Element,
    name: Text,
    declaration: Text,
    *,
    tag: str = "statement",
    ref_type: str | None = None,
    references: Sequence[str] = (),
    link: str | None = None,
    norm: str | None = None,
    traceable: bool | None = None,
) -> Element:
    """A dcc:statement (or dcc:metaData) with a name and a declaration in both languages."""
    element = dcc(parent, tag, **({"refType": ref_type} if ref_type else {}))
    text(element, "name", name)
    if traceable is not None:
        dcc(element, "traceable", _boolean(traceable))
    if norm:
        dcc(element, "norm", norm)
    for value in references:
        dcc(element, "reference", value)
    if link:
        dcc(element, "link", link)
    text(element, "declaration", declaration)
    return element


def real_list(
    parent: Element,
    name: Text,
    values: Sequence[str | None],
    unit: str,
    *,
    ref_type: str | None = None,
    U: Sequence[str | None] | None = None,
    k: Sequence[str | None] = (),
    p: Sequence[str | None] = (),
) -> Element:
    """A dcc:quantity holding a si:realListXMLList, with expanded uncertainties where U is given.

    A value, k or p that is not stated is written NaN, D-SI's own word for it. Returns the quantity.
    """
    quantity = dcc(parent, "quantity", **({"refType": ref_type} if ref_type else {}))
    text(quantity, "name", name)
    held = si(quantity, "realListXMLList")
    si(held, "valueXMLList", _list(values))
    si(held, "unitXMLList", dsi(unit))
    if U is not None:
        expanded = si(si(held, "measurementUncertaintyUnivariateXMLList"), "expandedMUXMLList")
        si(expanded, "valueExpandedMUXMLList", _list(U))
        si(expanded, "coverageFactorXMLList", _list(k))
        si(expanded, "coverageProbabilityXMLList", _list(p))
    return quantity


def real(
    parent: Element, name: Text, value: str, unit: str, *, ref_type: str | None = None, U: str | None = None,
    k: str | None = None,
) -> None:  # fmt: skip
    """A dcc:quantity holding one si:real, with its expanded uncertainty where known (k NaN where not stated)."""
    quantity = dcc(parent, "quantity", **({"refType": ref_type} if ref_type else {}))
    text(quantity, "name", name)
    held = si(quantity, "real")
    si(held, "value", value)
    si(held, "unit", dsi(unit))
    if U is not None:
        expanded = si(si(held, "measurementUncertaintyUnivariate"), "expandedMU")
        si(expanded, "valueExpandedMU", U)
        si(expanded, "coverageFactor", k or NAN)
        si(expanded, "coverageProbability", NAN)


def _list(values: Sequence[str | None]) -> str:
    return " ".join(NAN if value is None else value for value in values)


def _boolean(value: bool) -> str:
    return "true" if value else "false"
