"""The words of an order: kinds of work, uses of an instrument, reasons of a refusal, what happens to an item."""

from __future__ import annotations

from types import MappingProxyType

from lims.words import N_

WORK = MappingProxyType(
    {
        "initial": N_("initial verification"),
        "periodic": N_("periodic verification"),
        "in_use": N_("in-use inspection"),
        "arbitration": N_("arbitration verification"),
        "calibration": N_("calibration work"),
        "test": N_("testing"),
        "intermediate_check": N_("intermediate check"),
        "repeatability": N_("repeatability test"),
        "stability": N_("stability check"),
        "traceability": N_("calibration of an own standard"),
        "comparison": N_("comparison"),
    }
)
"""首次、后续、使用中、仲裁检定，校准，检测; internal: 期间核查、重复性、稳定性、量值溯源、比对 (domain notes, section 4)."""

VERIFICATION = ("initial", "periodic", "in_use", "arbitration")
INTERNAL = ("intermediate_check", "repeatability", "stability", "traceability", "comparison")

USES = MappingProxyType(
    {
        "trade": N_("trade settlement"),
        "safety": N_("safety protection"),
        "health": N_("medical and health"),
        "environment": N_("environmental monitoring"),
        "public_standard": N_("public measurement standard"),
        "enterprise_standard": N_("highest standard of an enterprise"),
        "other": N_("other uses"),
    }
)
"""贸易结算、安全防护、医疗卫生、环境监测 (计量法 第九条), standards, and everything else."""

REFUSALS = MappingProxyType(
    {
        "out_of_scope": N_("outside the laboratory's scope"),
        "no_authorised_person": N_("no authorised person"),
        "no_standard": N_("no suitable measurement standard"),
        "not_authorised": N_("not authorised for this compulsory verification"),
        "capacity": N_("no capacity within the term"),
        "condition": N_("condition of the item"),
        "conflict": N_("conflict of interest"),
        "incomplete": N_("incomplete information"),
        "other": N_("another reason"),
    }
)
"""A refusal names one of the listed grounds and its reason."""

ITEM_EVENTS = MappingProxyType(
    {
        "photo": N_("photographed"),
        "label": N_("label printed"),
        "discrepancy": N_("differs from the order"),
        "damaged_on_receipt": N_("damaged on receipt"),
        "damaged_in_laboratory": N_("damaged in the laboratory"),
        "identity_corrected": N_("identity corrected"),
        "assigned": N_("assigned"),
        "moved": N_("moved"),
        "sealed": N_("sealed, state frozen"),
        "unsealed": N_("seal removed"),
        "adjusted": N_("adjusted"),
        "repaired": N_("repaired"),
        "uncalibratable": N_("cannot be calibrated"),
        "partial": N_("done in part"),
        "subcontract_consent": N_("customer agreed to subcontracting"),
        "subcontracted": N_("sent to another laboratory"),
        "subcontract_returned": N_("back from another laboratory"),
        "on_site": N_("measured on site"),
        "withdrawn": N_("withdrawn by the customer"),
        "lost": N_("lost"),
        "ready": N_("ready to be collected"),
        "returned": N_("returned"),
        "note": N_("note"),
    }
)
"""What may happen to an item in the laboratory's hands (domain notes, section 3.4); each leaves a row with its evidence."""
