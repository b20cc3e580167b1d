"""The fixed texts of a certificate. English is the message id; Chinese stands in lims/words/zh/documents.po."""

from __future__ import annotations

from functools import cache

from lims import words

Text = dict[str, str]

LABELS = {
    "number": "Certificate No.",
    "report_number": "Report No.",
    "page": "Page {page} of {pages}",
    "customer": "Customer",
    "address": "Address",
    "item": "Item",
    "description": "Description",
    "maker": "Manufacturer",
    "model": "Model",
    "serial": "Serial No.",
    "code": "Item code",
    "condition": "Condition on receipt",
    "received": "Received",
    "performed": "Date of calibration",
    "performed_verification": "Date of verification",
    "performed_evaluation": "Date of evaluation",
    "issued": "Date of issue",
    "valid_to": "Valid until",
    "conclusion": "Conclusion",
    "place": "Place",
    "method": "Method",
    "contact": "Contact",
    "laboratory_code": "Laboratory code",
    "performer": "Carried out by",
    "verifier": "Checked by",
    "approver": "Approved by",
    "standards": "Measurement standards used",
    "standard": "Standard",
    "maker_model": "Manufacturer, model, serial No.",
    "certificate": "Certificate, issuer",
    "used_for": "Used for",
    "validity": "Valid until",
    "environment": "Ambient conditions",
    "quantity": "Quantity",
    "observed": "Observed",
    "sensor": "Sensor",
    "results": "Results",
    "range": "Range",
    "point": "Point",
    "nominal": "Nominal",
    "reference": "Reference value",
    "indication": "Indication",
    "error": "Error of indication",
    "value": "Value",
    "limits": "Limits of error",
    "tur": "TUR",
    "verdict": "Verdict",
    "unit": "Unit",
    "dof": "ν_eff",
    "pass": "Pass",
    "fail": "Fail",
    "undetermined": "Undetermined",
    "conditional_pass": "Conditional pass",
    "conditional_fail": "Conditional fail",
    "none": "No verdict",
    "correlation": "Correlation coefficients of the results",
    "traceability": "Metrological traceability",
    "missing": "Missing links",
    "uncertainty": "Measurement uncertainty",
    "conformity": "Statement of conformity",
    "rule": "Decision rule",
    "specification": "Specification",
    "specification_unverified": "figures not checked against their source",
    "statements": "General statements",
    "deviations": "Additions, deviations, exclusions",
    "external_results": "Results of external providers",
    "customer_data": "Information given by the customer",
    "sampling": "Sampling",
    "supersedes": "This certificate replaces {number}; reason: {reason}",
    "supersedes_heading": "Replacement",
    "people": "Signatures",
    "electronic": "Electronically signed; the signature of the file covers every page.",
    "record": "Record",
    "evaluation": "evaluation",
    "snapshot_digest": "Digest of the certificate's data (SHA-256)",
    "audit_head": "Audit chain, entry {seq}",
    "software": "Software",
    "clock_label": "Clock",
    "clock": "Clock of the bench simulated, {speed} times fast",
    "provenance": "Provenance",
    "verify_here": "Scan to check",
    "end": "End of certificate",
    "end_report": "End of report",
    "demonstration": "DEMONSTRATION · no legal force",
    "because": "Why this is a demonstration",
    "plot": "Errors of indication in % of their limits; whiskers: expanded uncertainty U; dashed: limits of error",
    "attachment_dcc": "Digital calibration certificate (DCC 3.3.0), signed",
    "attachment_snapshot": "The certificate's data, canonical JSON",
    "minimum": "Minimum",
    "maximum": "Maximum",
    "lower_limit": "Lower limit of error",
    "upper_limit": "Upper limit of error",
    "mpe": "Maximum permissible error",
    "effective_dof": "Effective degrees of freedom (NaN: infinite)",
    "tur_long": "Test uncertainty ratio",
    "not_recorded": "Not recorded: the readings were given to the laboratory",
    "of_limit": "Error in % of the limit",
    "plot_description": "{points} points in {ranges} ranges, {outside} with an error beyond its limit; "
    "the largest error is {largest} % of its limit, in the range {where}.",
    "plot_description_absolute": "{points} points; the values and their expanded uncertainties are those of the table.",
    "qr_description": "QR code with the address where this certificate can be checked",
}


@cache
def label(key: str) -> Text:
    """A fixed text in both languages, its placeholders left open."""
    return dict(words.both(LABELS[key]))


@cache
def labels() -> dict[str, Text]:
    """All fixed texts in both languages."""
    return {key: label(key) for key in LABELS}


def filled(key: str, **facts: object) -> Text:
    """A fixed text with its placeholders filled; a fact that is itself a Text is taken by language."""
    out = {}
    for lang, text in label(key).items():
        out[lang] = text.format(
            **{name: fact[lang] if isinstance(fact, dict) else fact for name, fact in facts.items()}
        )
    return out
