"""Each state as a reader sees it: a word, a tone and a shape, never colour alone."""

from __future__ import annotations

from dataclasses import dataclass

from web.speech import N_


@dataclass(frozen=True, slots=True)
class Look:
    """word: English text, translated where it is shown. tone: good, attention, bad, information or empty."""

    word: str
    tone: str
    icon: str


LOOKS: dict[str, Look] = {
    # orders, fees, rules, standards, quality
    "service_request.draft": Look(N_("draft"), "", "open"),
    "service_request.submitted": Look(N_("waits for review"), "attention", "open"),
    "service_request.accepted": Look(N_("accepted"), "good", "half"),
    "service_request.refused": Look(N_("refused"), "bad", "cross"),
    "service_request.withdrawn": Look(N_("withdrawn"), "", "cross"),
    "service_request.closed": Look(N_("closed"), "", "lock"),
    "work_order.accepted": Look(N_("accepted"), "information", "open"),
    "work_order.in_progress": Look(N_("in progress"), "information", "half"),
    "work_order.on_hold": Look(N_("on hold"), "attention", "diamond"),
    "work_order.done": Look(N_("done"), "good", "done"),
    "work_order.closed": Look(N_("closed"), "", "lock"),
    "work_order.cancelled": Look(N_("cancelled"), "", "cross"),
    "line.proposed": Look(N_("waits for review"), "attention", "open"),
    "line.accepted": Look(N_("accepted"), "good", "done"),
    "line.refused": Look(N_("refused"), "bad", "cross"),
    "line.withdrawn": Look(N_("withdrawn"), "", "cross"),
    "request.discrepancy": Look(N_("differs from the order"), "bad", "diamond"),
    "request.uncalibratable": Look(N_("cannot be calibrated"), "bad", "cross"),
    "request.lost": Look(N_("lost"), "bad", "cross"),
    "batch.open": Look(N_("being measured"), "information", "half"),
    "batch.measured": Look(N_("waits for verification"), "attention", "open"),
    "batch.verified": Look(N_("verified, waits for approval"), "attention", "half"),
    "batch.issued": Look(N_("issued"), "good", "done"),
    "batch.dissolved": Look(N_("dissolved"), "", "cross"),
    "site_visit.planned": Look(N_("planned"), "information", "open"),
    "site_visit.under_way": Look(N_("under way"), "information", "half"),
    "site_visit.done": Look(N_("done"), "good", "done"),
    "site_visit.cancelled": Look(N_("cancelled"), "", "cross"),
    "booking.requested": Look(N_("asked for"), "attention", "open"),
    "booking.confirmed": Look(N_("confirmed"), "good", "half"),
    "booking.in_use": Look(N_("in use"), "information", "half"),
    "booking.returned": Look(N_("given back"), "good", "done"),
    "booking.no_show": Look(N_("not used"), "bad", "cross"),
    "booking.cancelled": Look(N_("cancelled"), "", "cross"),
    "invoice.issued": Look(N_("to be paid"), "attention", "open"),
    "invoice.paid": Look(N_("paid"), "good", "done"),
    "invoice.cancelled": Look(N_("cancelled"), "", "cross"),
    "rule.proposed": Look(N_("proposed"), "information", "open"),
    "rule.current": Look(N_("in force"), "good", "done"),
    "rule.superseded": Look(N_("superseded"), "", "diamond"),
    "rule.withdrawn": Look(N_("withdrawn"), "", "cross"),
    "provider.proposed": Look(N_("proposed"), "information", "open"),
    "provider.approved": Look(N_("approved"), "good", "done"),
    "provider.suspended": Look(N_("suspended"), "attention", "diamond"),
    "provider.refused": Look(N_("refused"), "bad", "cross"),
    "measurement_standard.preparing": Look(N_("being set up"), "information", "open"),
    "measurement_standard.applied": Look(N_("applied for"), "information", "half"),
    "measurement_standard.examined": Look(N_("examined"), "information", "half"),
    "measurement_standard.in_force": Look(N_("in force"), "good", "done"),
    "measurement_standard.changed": Look(N_("change to be declared"), "attention", "diamond"),
    "measurement_standard.re_examination": Look(N_("re-examination"), "attention", "half"),
    "measurement_standard.sealed": Look(N_("sealed"), "", "lock"),
    "measurement_standard.revoked": Look(N_("revoked"), "bad", "cross"),
    "compulsory.filed": Look(N_("filed"), "information", "open"),
    "compulsory.applied": Look(N_("applied for"), "information", "half"),
    "compulsory.verified": Look(N_("verified"), "good", "done"),
    "compulsory.failed": Look(N_("failed, must not be used"), "bad", "cross"),
    "compulsory.overdue": Look(N_("overdue"), "bad", "diamond"),
    "compulsory.due": Look(N_("due"), "attention", "diamond"),
    "compulsory.deregistered": Look(N_("deregistered"), "", "cross"),
    "authorisation.proposed": Look(N_("proposed"), "information", "open"),
    "authorisation.trained": Look(N_("trained"), "information", "half"),
    "authorisation.assessed": Look(N_("assessed"), "information", "half"),
    "authorisation.granted": Look(N_("granted"), "good", "done"),
    "authorisation.suspended": Look(N_("suspended"), "attention", "diamond"),
    "authorisation.withdrawn": Look(N_("withdrawn"), "", "cross"),
    "authorisation.expired": Look(N_("expired"), "bad", "cross"),
    "nonconformity.opened": Look(N_("newly opened"), "attention", "open"),
    "nonconformity.contained": Look(N_("contained"), "attention", "half"),
    "nonconformity.evaluated": Look(N_("evaluated"), "information", "half"),
    "nonconformity.decided": Look(N_("decided"), "information", "half"),
    "nonconformity.notified": Look(N_("notified"), "information", "half"),
    "nonconformity.closed": Look(N_("closed, found effective"), "good", "done"),
    "nonconformity.rejected": Look(N_("rejected"), "", "cross"),
    "complaint.received": Look(N_("complaint taken in"), "attention", "open"),
    "complaint.acknowledged": Look(N_("acknowledged"), "attention", "half"),
    "complaint.investigated": Look(N_("investigated"), "information", "half"),
    "complaint.decided": Look(N_("decided"), "information", "half"),
    "complaint.notified": Look(N_("notified"), "information", "half"),
    "complaint.closed": Look(N_("closed"), "", "lock"),
    "complaint.rejected": Look(N_("rejected"), "", "cross"),
    "proficiency.planned": Look(N_("planned"), "information", "open"),
    "proficiency.measured": Look(N_("measured"), "information", "half"),
    "proficiency.reported": Look(N_("reported"), "information", "half"),
    "proficiency.evaluated": Look(N_("evaluated"), "good", "done"),
    "proficiency.cancelled": Look(N_("cancelled"), "", "cross"),
    "internal_audit.planned": Look(N_("planned"), "information", "open"),
    "internal_audit.under_way": Look(N_("under way"), "information", "half"),
    "internal_audit.reported": Look(N_("reported"), "information", "half"),
    "internal_audit.closed": Look(N_("closed"), "", "lock"),
    "internal_audit.cancelled": Look(N_("cancelled"), "", "cross"),
    "risk.open": Look(N_("open"), "attention", "open"),
    "risk.treated": Look(N_("treated"), "good", "half"),
    "risk.accepted": Look(N_("accepted"), "information", "done"),
    "risk.closed": Look(N_("closed"), "", "lock"),
    "control_chart.collecting": Look(N_("baseline being collected"), "information", "open"),
    "control_chart.watched": Look(N_("watched"), "good", "done"),
    "control_chart.ended": Look(N_("ended"), "", "lock"),
    "import.looked_at": Look(N_("looked at"), "information", "open"),
    "import.applied": Look(N_("taken over"), "good", "done"),
    "import.discarded": Look(N_("discarded"), "", "cross"),
    "procedure.draft": Look(N_("draft"), "", "open"),
    "procedure.verified": Look(N_("verified"), "information", "half"),
    "procedure.approved": Look(N_("approved"), "information", "half"),
    "procedure.current": Look(N_("in force"), "good", "done"),
    "procedure.superseded": Look(N_("superseded"), "", "diamond"),
    "test.ok": Look(N_("meets the criterion"), "good", "done"),
    "test.failed": Look(N_("misses the criterion"), "bad", "cross"),
    "test.none": Look(N_("no criterion"), "", "open"),
    "instrument.due": Look(N_("due"), "attention", "diamond"),
    "instrument.overdue": Look(N_("overdue"), "bad", "diamond"),
    # request
    "request.draft": Look(N_("draft"), "", "open"),
    "request.submitted": Look(N_("asked for"), "information", "open"),
    "request.accepted": Look(N_("accepted, item expected"), "information", "open"),
    "request.received": Look(N_("item received"), "information", "half"),
    "request.in_work": Look(N_("in work"), "information", "half"),
    "request.issued": Look(N_("certificate issued"), "good", "done"),
    "request.returned": Look(N_("item returned"), "good", "done"),
    "request.closed": Look(N_("closed"), "", "lock"),
    "request.refused": Look(N_("refused"), "bad", "cross"),
    "request.withdrawn": Look(N_("withdrawn"), "", "cross"),
    # record
    "record.open": Look(N_("measuring"), "information", "half"),
    "record.submitted": Look(N_("waits for verification"), "attention", "open"),
    "record.returned": Look(N_("returned for correction"), "bad", "return"),
    "record.verified": Look(N_("verified, waits for approval"), "attention", "half"),
    "record.approved": Look(N_("approved"), "good", "done"),
    "record.locked": Look(N_("locked"), "good", "lock"),
    "record.interrupted": Look(N_("closed as interrupted"), "bad", "cross"),
    # run of the bench
    "run.new": Look(N_("starting"), "information", "open"),
    "run.waiting": Look(N_("waits for you"), "attention", "diamond"),
    "run.running": Look(N_("running"), "information", "half"),
    "run.paused": Look(N_("paused"), "attention", "diamond"),
    "run.finished": Look(N_("finished"), "good", "done"),
    "run.aborted": Look(N_("aborted"), "bad", "cross"),
    "run.interrupted": Look(N_("interrupted"), "bad", "cross"),
    "run.stopped": Look(N_("the capture has ended"), "bad", "cross"),
    # certificate
    "certificate.issued": Look(N_("valid"), "good", "done"),
    "certificate.current": Look(N_("valid"), "good", "done"),
    "certificate.superseded": Look(N_("superseded"), "attention", "diamond"),
    "certificate.withdrawn": Look(N_("withdrawn"), "bad", "cross"),
    "certificate.unknown": Look(N_("unknown"), "bad", "cross"),
    # calibration version of a standard
    "calibration.received": Look(N_("received"), "information", "open"),
    "calibration.confirmed": Look(N_("confirmed"), "information", "half"),
    "calibration.current": Look(N_("current"), "good", "done"),
    "calibration.superseded": Look(N_("superseded"), "", "diamond"),
    "calibration.disproved": Look(N_("disproved"), "bad", "cross"),
    "calibration.expired": Look(N_("out of date"), "bad", "cross"),
    "calibration.missing": Look(N_("no certificate"), "bad", "cross"),
    # key parameter of an industry chain
    "gap.measurable": Look(N_("measurable"), "good", "done"),
    "gap.inaccurate": Look(N_("not accurate enough"), "attention", "diamond"),
    "gap.partial": Look(N_("not wholly"), "attention", "half"),
    "gap.no_method": Look(N_("not measurable"), "bad", "cross"),
    # line of the scope
    "capability.proposed": Look(N_("proposed"), "information", "open"),
    "capability.recognised": Look(N_("published"), "good", "done"),
    "capability.changed": Look(N_("changed"), "", "diamond"),
    "capability.withdrawn": Look(N_("withdrawn"), "", "cross"),
    # instrument
    "instrument.in_service": Look(N_("in service"), "good", "done"),
    "instrument.in_lab": Look(N_("in the laboratory"), "information", "half"),
    "instrument.suspect": Look(N_("suspect"), "attention", "diamond"),
    "instrument.stopped": Look(N_("out of use"), "bad", "cross"),
    "instrument.sealed": Look(N_("sealed"), "", "lock"),
    "instrument.scrapped": Look(N_("scrapped"), "", "cross"),
    # verdict of a point
    "verdict.pass": Look(N_("pass"), "good", "done"),
    "verdict.fail": Look(N_("fail"), "bad", "cross"),
    "verdict.undetermined": Look(N_("undetermined"), "attention", "diamond"),
    "verdict.conditional_pass": Look(N_("conditional pass"), "attention", "half"),
    "verdict.conditional_fail": Look(N_("conditional fail"), "bad", "diamond"),
    "verdict.none": Look(N_("no verdict"), "", "open"),
    # provisional mark of a live point
    "mark.inside": Look(N_("inside, provisional"), "good", "done"),
    "mark.outside": Look(N_("outside, provisional"), "bad", "cross"),
    "mark.none": Look(N_("measured"), "", "open"),
    # stage
    "stage.as_found": Look(N_("as found"), "", "open"),
    "stage.as_left": Look(N_("as left"), "", "half"),
    "stage.result": Look(N_("result"), "", "open"),
}

KINDS = {
    "calibration": N_("Calibration certificate"),
    "verification": N_("Verification certificate"),
    "result_notice": N_("Notice of verification result"),
    "evaluation_report": N_("Evaluation report"),
}
RULES = {
    "none": N_("results only, no statement of conformity"),
    "simple": N_("simple acceptance"),
    "third": N_("U ≤ MPE/3, otherwise undetermined near the limits"),
    "guarded": N_("acceptance with a guard band"),
    "guarded_acceptance": N_("guarded acceptance: pass or fail, acceptance limits drawn in"),
    "guarded_rejection": N_("guarded rejection: pass or fail, acceptance limits drawn out"),
    "conditional": N_("pass, conditional pass, conditional fail, fail"),
    "iso14253": N_("ISO 14253-1, 95 %"),
    "z540": N_("ANSI/NCSL Z540.3, false accept at most 2 %"),
}
ROLE_WORDS = {
    "technician": N_("technician"),
    "verifier": N_("verifier"),
    "approver": N_("approver"),
    "customer": N_("customer"),
    "auditor": N_("auditor"),
    "standards_keeper": N_("keeper of standards"),
    "reception": N_("reception"),
    "administrator": N_("administrator"),
    "technical_manager": N_("technical manager"),
    "quality_manager": N_("quality manager"),
    "finance": N_("finance"),
    "assessor": N_("assessor"),
}
STEPS = {
    "request": ("accepted", "received", "in_work", "issued"),
    "record": ("open", "submitted", "verified", "locked"),
    "batch": ("open", "measured", "verified", "issued"),
}
# Words of the steps themselves, shorter than those of the states.
STEP_WORDS = {
    "request.accepted": N_("accepted"),
    "request.received": N_("received"),
    "request.in_work": N_("measured"),
    "request.issued": N_("issued"),
    "record.open": N_("measured"),
    "record.submitted": N_("submitted"),
    "record.verified": N_("verified"),
    "record.locked": N_("issued"),
    "batch.open": N_("measured"),
    "batch.measured": N_("submitted"),
    "batch.verified": N_("verified"),
    "batch.issued": N_("issued"),
}
BEFORE = {
    "record": {"returned": "open", "interrupted": "open", "approved": "verified"},
    "request": {"returned": "issued"},
}


def look(kind: str, state: str) -> Look:
    return LOOKS.get(f"{kind}.{state}", Look(str(state), "", "open"))


def steps(kind: str, state: str) -> list[tuple[str, str]]:
    """(word, done | now | next) of the object's way, in order."""
    names = STEPS[kind]
    state = BEFORE.get(kind, {}).get(state, state)
    at = names.index(state) if state in names else -1
    last = len(names) - 1
    return [
        (STEP_WORDS[f"{kind}.{name}"], "done" if i < at or (i == at == last) else "now" if i == at else "next")
        for i, name in enumerate(names)
    ]


EXCEPTIONS = {
    "outside": N_("Outside its limits"),
    "flipped": N_("Another verdict than last time"),
    "moved": N_("Changed since last time by more than both uncertainties"),
    "undetermined": N_("Undetermined under the rule agreed"),
    "conditional_pass": N_("Conditional pass under the rule agreed"),
    "conditional_fail": N_("Conditional fail under the rule agreed"),
    "near_limit": N_("Near its limit"),
    "flagged": N_("Reading flagged"),
    "corrected": N_("Corrected by hand"),
    "fault": N_("Fault during the run"),
    "paused": N_("The run was paused"),
    "interrupted": N_("The run was interrupted"),
    "point_restarted": N_("A point was measured again"),
    "touched": N_("Readings flagged or corrected, or the run interrupted"),
}
"""What makes a record or a result stand out (lims.domain.exceptional, lims.queries.exceptions) → its words."""
