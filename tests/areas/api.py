"""What the API adds beside its calls."""

from __future__ import annotations

MACHINES = "the API, for its caller alone"
INNER = {
    "services.idempotency.check": "reads a value",
    "services.idempotency.find": MACHINES,
    "services.idempotency.claim": MACHINES,
    "services.idempotency.keep": MACHINES,
    "services.idempotency.forget": MACHINES,
}
