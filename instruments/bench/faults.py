"""Faults to inject by name: what goes wrong between an instrument and its controller, or at the instrument."""

# ruff: noqa: ARG001  (all effects have one signature)
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from instruments.bench.device import Device, Port

Replies = list[tuple[float, bytes]]
Effect = Callable[["Injection", "Device", "Port", Replies], Replies]


@dataclass
class Injection:
    """One injected fault.

    times: how many replies it meets, None for ever. after: how many it lets pass first. probability: of meeting one.
    options: what the fault itself takes (see FAULTS).
    """

    name: str
    times: int | None = 1
    after: int = 0
    probability: float = 1.0
    options: dict[str, Any] = field(default_factory=dict)
    met: int = 0
    kept: bytes = b""

    def meet(self, device: Device, port: Port, replies: Replies) -> Replies:
        """The replies as this fault leaves them."""
        effect = REPLY_FAULTS.get(self.name)
        if effect is None or not replies:
            return replies
        if self.after > 0:
            self.after -= 1
            return replies
        if self.times is not None and self.met >= self.times:
            device.injections.remove(self)
            return replies
        if self.probability < 1 and device.draw.random() >= self.probability:
            return replies
        self.met += 1
        return effect(self, device, port, replies)


def _no_reply(fault: Injection, device: Device, port: Port, replies: Replies) -> Replies:
    return []


def _late(fault: Injection, device: Device, port: Port, replies: Replies) -> Replies:
    return [(ready + float(fault.options.get("seconds", 60.0)), data) for ready, data in replies]


def _truncated(fault: Injection, device: Device, port: Port, replies: Replies) -> Replies:
    keep = fault.options.get("keep")
    return [(ready, data[: int(keep) if keep else max(1, len(data) // 3)]) for ready, data in replies]


def _two_replies(fault: Injection, device: Device, port: Port, replies: Replies) -> Replies:
    gap = float(fault.options.get("seconds", 0.0))
    return [pair for ready, data in replies for pair in ((ready, data), (ready + gap, data))]


def _garbage(fault: Injection, device: Device, port: Port, replies: Replies) -> Replies:
    noise = bytes(device.draw.randrange(128, 256) for _ in range(12))
    return [(ready, noise + device.reply_end) for ready, data in replies]


def _corrupt(fault: Injection, device: Device, port: Port, replies: Replies) -> Replies:
    """One byte with its top bit set, as a wrong parity setting or a bad cable does."""

    def spoil(data: bytes) -> bytes:
        place = device.draw.randrange(max(1, len(data) - len(device.reply_end)))
        return data[:place] + bytes([data[place] | 0x80]) + data[place + 1 :]

    return [(ready, spoil(data)) for ready, data in replies]


def _previous(fault: Injection, device: Device, port: Port, replies: Replies) -> Replies:
    """The device answers with what it should have answered before: permanently one behind."""
    answered = [(ready, fault.kept or data) for ready, data in replies]
    fault.kept = replies[-1][1]
    return answered


def _dropped(fault: Injection, device: Device, port: Port, replies: Replies) -> Replies:
    port.lost = True
    return []


REPLY_FAULTS: dict[str, Effect] = {
    "no_reply": _no_reply,
    "late": _late,
    "truncated": _truncated,
    "two_replies": _two_replies,
    "garbage": _garbage,
    "corrupt": _corrupt,
    "previous_reply": _previous,
    "dropped_link": _dropped,
}

# What happens at the instrument, once, when it is injected: a method of the device of the same name, if it has one.
STATE_FAULTS = (
    "reboot", "wrong_serial", "error_queue_overflow", "srq_lost", "range_change", "function_change", "unit_change",
    "stuck_reading", "slow", "wrong_terminal", "trip", "sensor_fault", "healthy",
)  # fmt: skip
FAULTS = (*REPLY_FAULTS, *STATE_FAULTS)


def inject(device: Device, name: str, **options: Any) -> None:
    """Inject a fault by name; raises ValueError for one that the device cannot have.

    Faults of replies take times (1; None for ever), after (0), probability (1), and: late seconds (60),
    two_replies seconds (0), truncated keep (bytes). `healthy` ends all faults but what they left behind.
    """
    if name in REPLY_FAULTS:
        own = {key: options.pop(key) for key in ("times", "after", "probability") if key in options}
        device.injections.append(Injection(name, options=options, **own))
        return
    if name == "healthy":
        device.injections.clear()
        device.serial = device.true_serial
        device.srq_lost = False
    elif name == "reboot":
        device.power_on()
        return
    elif name == "wrong_serial":
        device.serial = str(options.get("serial", "0000000"))
        return
    elif name == "error_queue_overflow":
        for _ in range(device.queue_length + 1):
            device.error(-222, "Data out of range")
        return
    elif name == "srq_lost":
        device.srq_lost = True
        return
    if name not in STATE_FAULTS:
        raise ValueError(f"{device.model} cannot have the fault {name!r}: right would be one of {', '.join(FAULTS)}")
    method = getattr(device, f"fault_{name}", None)
    if method is not None:
        method(**options)
    elif name != "healthy":
        raise ValueError(f"{device.model} cannot have the fault {name!r}")
