"""The bench as a PyVISA backend in this process: `pyvisa.ResourceManager(bench.library)`.

Bus names (GPIB, USB, TCPIP INSTR) end a message by the bus, have a status byte, clear and trigger, and share one
output queue however often they are opened, as hardware does. Stream names (ASRL, TCPIP SOCKET) end a message by its
terminator; a SOCKET has a queue of its own for each connection.
"""

# ruff: noqa: ARG002  (the arguments are those of the VISA functions)
from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyvisa import attributes, constants, errors, rname, typing
from pyvisa.constants import StatusCode
from pyvisa.highlevel import VisaLibraryBase
from pyvisa.util import LibraryPath

from instruments.bench.device import RQS, Device, Port

if TYPE_CHECKING:
    from instruments.bench.clock import BenchClock

TMO = constants.ResourceAttribute.timeout_value
TERMCHAR = constants.ResourceAttribute.termchar
TERMCHAR_ON = constants.ResourceAttribute.termchar_enabled
_numbers = itertools.count(1)
_handles = itertools.count(1000)


@dataclass(slots=True)
class _Session:
    port: Port
    attributes: dict[Any, Any] = field(default_factory=dict)
    left: bytes = b""
    term: int = -1
    timeout: float = 2.0


class BenchLibrary(VisaLibraryBase):
    """One bench's instruments behind the functions of a VISA library. Made by Bench, never directly."""

    clock: BenchClock
    guard: threading.RLock
    devices: dict[str, Device]
    sessions: dict[int, _Session]
    ports: dict[str, Port]

    @staticmethod
    def made(devices: dict[str, Device], clock: BenchClock, guard: threading.RLock) -> BenchLibrary:
        """A library of its own for a bench; devices by canonical resource name."""
        library = BenchLibrary(LibraryPath(f"bench-{next(_numbers)}", "bench"))
        assert isinstance(library, BenchLibrary)
        library.devices, library.clock, library.guard = devices, clock, guard
        library.sessions, library.ports = {}, {}
        return library

    # -- sessions -----------------------------------------------------------------------------------------------

    def open_default_resource_manager(self) -> tuple[typing.VISARMSession, StatusCode]:
        """A handle for the manager."""
        return typing.VISARMSession(next(_handles)), StatusCode.success

    def open(
        self,
        session: typing.VISARMSession,
        resource_name: str,
        access_mode: constants.AccessModes = constants.AccessModes.no_lock,
        open_timeout: int | None = constants.VI_TMO_IMMEDIATE,
    ) -> tuple[typing.VISASession, StatusCode]:
        """Open a session to a device of the bench."""
        name = str(rname.ResourceName.from_string(resource_name))
        device = self.devices.get(name)
        if device is None:
            raise errors.VisaIOError(StatusCode.error_resource_not_found)
        stream = name.startswith("ASRL") or name.endswith("SOCKET")
        if name.endswith("SOCKET"):
            port = Port(device, stream=True)
        else:
            port = self.ports.setdefault(name, Port(device, stream=stream))
            port.lost = False
        handle = typing.VISASession(next(_handles))
        self.sessions[handle] = _Session(port)
        return handle, self.handle_return_value(handle, StatusCode.success)

    def close(self, session: Any) -> StatusCode:
        """Close a session; what a bus device has not delivered stays in it."""
        self.sessions.pop(session, None)
        return StatusCode.success

    def list_resources(self, session: typing.VISARMSession, query: str = "?*::INSTR") -> tuple[str, ...]:
        """Names of the bench's devices."""
        return tuple(rname.filter(self.devices, query))

    def _session(self, session: Any) -> _Session:
        found = self.sessions.get(session)
        if found is None:
            raise errors.VisaIOError(StatusCode.error_invalid_object)
        if found.port.lost:
            raise errors.VisaIOError(StatusCode.error_connection_lost)
        return found

    # -- messages -----------------------------------------------------------------------------------------------

    def write(self, session: typing.VISASession, data: bytes) -> tuple[int, StatusCode]:
        """Bytes to the device; on a bus the end of the call ends the message."""
        here = self._session(session)
        with self.guard:
            here.port.feed(data, self.clock.now(), end=not here.port.stream)
        return len(data), StatusCode.success

    def read(self, session: typing.VISASession, count: int) -> tuple[bytes, StatusCode]:
        """Bytes of the next reply, waiting for it in bench time; VI_ERROR_TMO after the session's timeout."""
        here = self._session(session)
        port, clock = here.port, self.clock
        deadline = -1.0
        while True:
            with self.guard:
                if port.lost:
                    raise errors.VisaIOError(StatusCode.error_connection_lost)
                now = clock.now()
                pending = port.pending
                while pending and pending[0][0] <= now and (port.stream or not here.left):
                    here.left += pending.popleft()[1]
                wait = pending[0][0] - now if pending else -1.0
            if here.left:
                out = self._chunk(here, count)
                if out is not None:
                    return out
            if deadline < 0:
                scale = 1.0 if clock.speed == float("inf") else clock.speed
                deadline = now + here.timeout * scale
            if wait < 0 and clock.speed != float("inf"):
                wait = min(0.02 * clock.speed, deadline - now)  # another thread may write meanwhile
            if wait < 0 or now + wait > deadline:
                clock.sleep(deadline - now)
                here.left = b""  # as PyVISA does: a fragment is thrown away
                raise errors.VisaIOError(StatusCode.error_timeout)
            if now >= deadline:
                here.left = b""
                raise errors.VisaIOError(StatusCode.error_timeout)
            clock.sleep(wait)

    def _chunk(self, here: _Session, count: int) -> tuple[bytes, StatusCode] | None:
        left = here.left
        place = left.find(here.term) + 1 if here.term >= 0 else 0
        if 0 < place <= count:
            here.left = left[place:]
            return left[:place], StatusCode.success_termination_character_read
        if len(left) > count:
            here.left = left[count:]
            return left[:count], StatusCode.success_max_count_read
        if here.port.stream:
            return None
        here.left = b""
        return left, StatusCode.success

    def clear(self, session: typing.VISASession) -> StatusCode:
        """Device clear; on a stream only what has arrived is thrown away."""
        here = self._session(session)
        with self.guard:
            here.left = b""
            if here.port.stream:
                now = self.clock.now()
                while here.port.pending and here.port.pending[0][0] <= now:
                    here.port.pending.popleft()
            else:
                here.port.clear()
        return StatusCode.success

    def flush(self, session: typing.VISASession, mask: constants.BufferOperation) -> StatusCode:
        """Throw away what has arrived."""
        return self.clear(session)

    def read_stb(self, session: typing.VISASession) -> tuple[int, StatusCode]:
        """Serial poll."""
        here = self._session(session)
        if here.port.stream:
            raise errors.VisaIOError(StatusCode.error_nonsupported_operation)
        with self.guard:
            now = self.clock.now()
            waiting = bool(here.left) or any(ready <= now for ready, _ in here.port.pending)
            return here.port.device.status_byte(waiting), StatusCode.success

    def assert_trigger(self, session: typing.VISASession, protocol: constants.TriggerProtocol) -> StatusCode:
        """Group execute trigger: as *TRG."""
        here = self._session(session)
        if here.port.stream:
            raise errors.VisaIOError(StatusCode.error_nonsupported_operation)
        with self.guard:
            here.port.device.talk("*TRG", self.clock.now(), here.port)
        return StatusCode.success

    # -- attributes and events ----------------------------------------------------------------------------------

    def get_attribute(self, session: Any, attribute: Any) -> tuple[Any, StatusCode]:
        """The value of an attribute, or its default."""
        here = self._session(session)
        if attribute in here.attributes:
            return here.attributes[attribute], StatusCode.success
        if attribute == constants.ResourceAttribute.asrl_avalaible_number:
            now = self.clock.now()
            arrived = sum(len(data) for ready, data in list(here.port.pending) if ready <= now)
            return len(here.left) + arrived, StatusCode.success
        known = attributes.AttributesByID.get(attribute)
        default = getattr(known, "default", None)
        if known is None or default is attributes.NotAvailable:
            raise errors.VisaIOError(StatusCode.error_nonsupported_attribute)
        return default, StatusCode.success

    def set_attribute(self, session: Any, attribute: Any, attribute_state: Any) -> StatusCode:
        """Keep an attribute; timeout and terminator have effect."""
        here = self._session(session)
        here.attributes[attribute] = attribute_state
        if attribute == TMO:
            here.timeout = 1e9 if attribute_state == constants.VI_TMO_INFINITE else attribute_state / 1000
        elif attribute in (TERMCHAR, TERMCHAR_ON):
            here.term = here.attributes.get(TERMCHAR, 10) if here.attributes.get(TERMCHAR_ON) else -1
        return StatusCode.success

    def gpib_control_ren(self, session: typing.VISASession, mode: constants.RENLineOperation) -> StatusCode:
        """Remote enable: the bench is always in remote."""
        self._session(session)
        return StatusCode.success

    def enable_event(self, session: Any, event_type: Any, mechanism: Any, context: None = None) -> StatusCode:
        """Events are looked for when waited on."""
        return StatusCode.success

    def disable_event(self, session: Any, event_type: Any, mechanism: Any) -> StatusCode:
        """Events are looked for when waited on."""
        return StatusCode.success

    def discard_events(self, session: Any, event_type: Any, mechanism: Any) -> StatusCode:
        """Events are looked for when waited on."""
        return StatusCode.success

    def wait_on_event(
        self, session: typing.VISASession, in_event_type: constants.EventType, timeout: int
    ) -> tuple[constants.EventType, typing.VISAEventContext, StatusCode]:
        """Wait for a service request, `timeout` ms of bench time."""
        here = self._session(session)
        ends = self.clock.now() + timeout / 1000
        while True:
            byte, _ = self.read_stb(session)
            if byte & RQS and not here.port.device.srq_lost:
                return in_event_type, typing.VISAEventContext(next(_handles)), StatusCode.success
            left = ends - self.clock.now()
            if left <= 0:
                raise errors.VisaIOError(StatusCode.error_timeout)
            self.clock.sleep(min(0.01, left))
