"""What the API adds beside its calls."""

from __future__ import annotations

from lims.queries import edits

MACHINES = "the API, for its caller alone"
INNER = {
    "services.idempotency.check": "reads a value",
    "services.idempotency.find": MACHINES,
    "services.idempotency.claim": MACHINES,
    "services.idempotency.keep": MACHINES,
    "services.idempotency.forget": MACHINES,
}
DOORS = {"queries.edits.last": lambda w, by: edits.last(w.session, "customer", str(w.request.customer_id), by)}
ROUTES = {
    "requests.read": "api-orders.list_orders api-orders.one_order api-orders.list_work_orders "
    "api-orders.one_work_order api-items.one_item api-registers.list_customers api-registers.one_customer",
    "requests.create": "api-orders.create_order api-orders.edit_order api-orders.submit_order "
    "api-orders.withdraw_order api-items.decide api-items.consent api-registers.edit_instrument "
    "api-registers.move_instrument",
    "requests.review": "api-orders.look_at_order api-orders.decide_order api-orders.return_order api-orders.move_work",
    "requests.hold": "api-items.hold api-items.go_on",
    "items.read": "api-items.ready_items api-items.outside_items api-registers.list_instruments "
    "api-registers.one_instrument api-measuring.people_for",
    "items.receive": "api-items.receive api-orders.open_work",
    "items.handle": "api-items.incident api-items.photograph api-items.label api-items.tell api-items.send "
    "api-items.come_back",
    "items.assign": "api-items.assign api-items.conflict api-orders.assign_work",
    "items.return": "api-items.ready api-items.hand_over api-items.hand_over_paper",
    "complaints.create": "api-items.dispute",
    "customers.manage": "api-registers.add_customer api-registers.edit_customer",
    "bench.read": "api-measuring.to_measure",
    "bench.run": "api-measuring.close_interrupted",
    "readings.enter": "api-measuring.type_readings",
    "readings.import": "api-measuring.import_readings",
    "records.read": "api-measuring.list_records api-measuring.evidence api-measuring.exceptions",
    "records.correct": "api-measuring.correct",
    "records.return": "api-measuring.note",
    "records.submit": "api-measuring.report",
    "certificates.amend": "api-measuring.amend",
}


def _with(right: str, more: str) -> None:
    ROUTES[right] = f"{ROUTES.get(right, '')} {more}".strip()


_with("compulsory.read", "api-legal.list_compulsory api-legal.one_compulsory")
_with("compulsory.manage", "api-legal.file_compulsory api-legal.apply_compulsory api-legal.deregister")
_with("rules.read", "api-legal.list_rules")
_with("rules.manage", "api-legal.propose_rule api-legal.force_rule api-legal.withdraw_rule")
_with("scope.read", "api-legal.read_scope")
_with("scope.manage", "api-legal.publish_scope api-legal.withdraw_scope")
_with("industry.read", "api-legal.industry_map")
_with("industry.manage", "api-legal.add_parameter api-legal.withdraw_parameter")
_with(
    "standards.read",
    "api-standards.list_equipment api-standards.one_equipment api-standards.list_standards "
    "api-standards.one_standard api-office.list_providers api-office.one_provider",
)
_with("standards.test", "api-standards.add_test api-standards.note_standard")
_with("standards.manage", "api-standards.plan api-standards.move_standard")
_with("standards.manage", "api-standards.register api-standards.connect api-standards.ask")
_with("calibrations.add", "api-standards.add_calibration")
_with(
    "quality.read",
    "api-control.list_charts api-control.one_chart api-control.list_rounds api-control.one_round "
    "api-quality.list_audits api-quality.one_audit api-quality.list_risks",
)
_with("any:quality.read,complaints.create", "api-quality.list_cases api-quality.one_case")
_with(
    "role:technician,verifier,approver,standards_keeper,technical_manager,quality_manager,customer",
    "api-quality.add_entry",
)
_with("quality.report", "api-quality.open_case api-quality.open_impact")
_with("complaints.create", "api-quality.complain")
_with("charts.add", "api-control.add_points api-control.add_from_record api-control.enter_results")
_with(
    "any:standards.manage,quality.manage",
    "api-control.create_chart api-control.fix_baseline api-control.restart_chart api-control.leave_out "
    "api-control.end_chart",
)
_with(
    "quality.manage",
    "api-control.plan_round api-control.report_round api-control.evaluate_round api-control.cancel_round "
    "api-quality.move_case api-quality.own_case api-quality.resume_case api-quality.decide_outcome "
    "api-quality.plan_audit api-quality.report_audit api-quality.close_audit api-quality.cancel_audit "
    "api-quality.enter_risk",
)
_with("bench.read", "api-batches.list_batches api-batches.one_batch api-office.list_visits")
_with("readings.enter", "api-batches.make_batch api-batches.enter_batch api-batches.take_out")
_with("records.submit", "api-batches.submit_batch")
_with("records.verify", "api-batches.verify_batch")
_with("certificates.issue", "api-batches.issue_batch")
_with(
    "everybody",
    "api-office.list_notices api-office.read_notice api-office.read_all_notices api-office.set_address",
)
_with("numbers.read", "api-office.list_series api-office.used_numbers")
_with("certificates.print", "api-office.list_prints api-office.note_print")
_with(
    "people.manage",
    "api-office.list_people api-office.add_account api-office.one_account api-office.set_roles "
    "api-office.reset_password api-office.move_account",
)
_with("exchange.import", "api-office.list_imports api-office.bring_sheet api-office.one_import api-office.move_import")
_with("providers.manage", "api-office.propose_provider api-office.move_provider")
_with("items.assign", "api-office.plan_visit api-office.cancel_visit")
_with("items.handle", "api-office.begin_visit api-office.end_visit")
_with("fees.read", "api-money.list_invoices api-money.one_invoice api-money.fees_of_work api-money.list_tariffs")
_with(
    "fees.manage",
    "api-money.pay_invoice api-money.cancel_invoice api-money.adjust_fee api-money.invoice_work "
    "api-money.propose_tariff api-money.force_tariff api-money.withdraw_tariff",
)
_with("fees.waive", "api-money.waive_fee")
_with("statistics.read", "api-money.dashboard api-money.year")


_with("records.verify", "api-procedures.verify_procedure")
_with("procedures.read", "api-procedures.list_procedures api-procedures.one_procedure api-procedures.changes")
_with("procedures.manage", "api-procedures.draft")
_with("procedures.approve", "api-procedures.approve_procedure api-procedures.put_in_force")
_with("competence.read", "api-competence.matrix api-competence.person_file api-competence.one_authorisation")
_with("training.manage", "api-competence.note_training")
_with(
    "authorisations.manage",
    "api-competence.propose api-competence.grant api-competence.suspend api-competence.resume api-competence.withdraw",
)
_with(
    "any:bookings.read,bookings.create",
    "api-bookings.list_things api-bookings.list_bookings api-bookings.one_booking",
)
_with(
    "bookings.create",
    "api-bookings.ask_for api-bookings.cancel_booking api-bookings.begin_use api-bookings.give_back_thing",
)
_with("bookings.manage", "api-bookings.add_place api-bookings.share api-bookings.confirm_booking api-bookings.no_show")
_with("quality.manage", "api-quality.draw_sample api-quality.note_finding api-quality.edit_risk")
_with("quality.read", "api-quality.one_risk")
_with("requests.create", "api-quality.order_arbitration")
