"""The link to one instrument: transport, lock, timeouts, typed faults, repair. Never a silent retry.

After a fault the link is out of order: the next message first repairs it (device clear on a bus, close and open
again on a stream; drain; then whoever owns the link knows the instrument again) or raises. What is late therefore
never becomes the answer to another question.
"""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

import pyvisa
from pyvisa import errors
from pyvisa.constants import StatusCode

from instruments import sockets
from instruments.faults import Garbled, LinkFault, LinkLost, OutOfStep, Timeout, Unreachable

if TYPE_CHECKING:
    from pyvisa.highlevel import VisaLibraryBase

Journal = Callable[[str, bytes], object]
LOST = {
    StatusCode.error_connection_lost,
    StatusCode.error_no_listeners,
    StatusCode.error_resource_not_found,
    StatusCode.error_io,
    StatusCode.error_system_error,
    StatusCode.error_invalid_object,
}
SIZE = 20 * 1024
CONNECT_SECONDS = 3.0


class Link:
    """A session to `resource`, one message at a time whatever the number of threads.

    library: "@py", "@sim" (a bench in this process), the path of a vendor's VISA, or a VisaLibraryBase.
    write_end, read_end: terminators. timeout: seconds, unless a message says otherwise. linger: seconds in which a
    second reply would show itself, waited after each reply (for instruments that cannot mark their replies).
    serial: attributes of a serial line (baud_rate, data_bits, …). journal: called with ">", "<" or "!" and the bytes.
    Opening is done by the first message; raises Unreachable.
    """

    def __init__(
        self,
        resource: str,
        library: str | VisaLibraryBase = "@py",
        *,
        write_end: str = "\n",
        read_end: str = "\n",
        timeout: float = 2.0,
        linger: float = 0.0,
        serial: dict[str, Any] | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.resource, self.library = resource, library
        self.write_end, self.read_end = write_end.encode(), read_end.encode()
        self.timeout, self.linger = timeout, linger
        self.serial = dict(serial or {})
        self.journal = journal
        self.lock = threading.RLock()
        self.fault: LinkFault | None = None
        self.repairs = 0
        self.know_again: Callable[[], None] | None = None
        self.is_stream = resource.upper().startswith("ASRL") or resource.upper().endswith("SOCKET")
        self._manager: Any = None
        self._session: Any = None
        self._socket: socket.socket | None = None
        self._quiet: contextlib.ExitStack | None = None
        self._timeout_set = -1.0
        self._repairing = False
        self._surplus = False

    # -- opening and closing ------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether a session is open."""
        return self._session is not None

    def open(self) -> None:
        """Open the session; raises Unreachable."""
        with self.lock:
            if self._session is not None:
                return
            library: Any = self.library
            session: Any = None
            if library == "@sim":
                from instruments.bench import default_bench

                library = default_bench().library
            try:
                self._manager = pyvisa.ResourceManager(library)
                session = self._manager.open_resource(self.resource, open_timeout=int(CONNECT_SECONDS * 1000))
                self._socket = sockets.inside(session)
                if self._socket is not None:
                    sockets.must_be_connected(self._socket)
                self._session = session
                self._set_line()
            except Exception as error:  # each VISA library refuses in its own words: VisaIOError, OSError, ValueError
                self._session = self._socket = None
                if session is not None:
                    session.close()
                raise Unreachable(resource=self.resource, why=_why(error)) from error
            self._quiet = contextlib.ExitStack()
            self._quiet.enter_context(
                session.ignore_warning(StatusCode.success_device_not_present, StatusCode.success_max_count_read)
            )
            self._handle = session.session
            self._read_bytes, self._write_bytes = session.visalib.read, session.visalib.write
            self._timeout_set = -1.0
            self._surplus = False
            if self.is_stream and self._arrived(0.0):
                self.drain()  # a greeting, or what another session left: it belongs to nobody

    def close(self) -> None:
        """Close the session; it opens again with the next message."""
        with self.lock:
            session, self._session, self._socket = self._session, None, None
            if session is None:
                return
            with contextlib.suppress(errors.Error, OSError):
                if self._quiet is not None:
                    self._quiet.close()
                session.close()

    def speak(self, *, write_end: str, read_end: str, linger: float, serial: dict[str, Any]) -> None:
        """Take up an instrument's way of speaking: terminators, linger, serial attributes."""
        with self.lock:
            self.write_end, self.read_end, self.linger = write_end.encode(), read_end.encode(), linger
            self.serial = serial | self.serial
            if self._session is not None:
                self._set_line()

    def _set_line(self) -> None:
        self._session.read_termination = self.read_end.decode()[-1:]
        if self.resource.upper().startswith("ASRL"):
            for name, value in self.serial.items():
                setattr(self._session, name, value)

    def __enter__(self) -> Link:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.close()

    # -- messages -----------------------------------------------------------------------------------------------

    def ready(self) -> None:
        """Repair what must be repaired and open what must be opened, before a message is made. Raises LinkFault."""
        if self.fault is not None and not self._repairing:
            self.repair()
        if self._session is None:
            self.open()

    def query(self, message: str, timeout: float | None = None) -> str:
        """Send a message and return its reply without terminator. Raises a LinkFault; ASCII only.

        timeout: seconds for this reply.
        """
        with self.lock:
            self.ready()
            self._send(message)
            reply = self._receive(message, self.timeout if timeout is None else timeout)
            if self.linger and self._arrived(self.linger):
                self._fail(OutOfStep(resource=self.resource, sent=message, raw=self._rest()))
            return reply

    def send(self, message: str) -> None:
        """Send a message that has no reply. Raises a LinkFault."""
        with self.lock:
            self.ready()
            self._send(message)

    def _send(self, message: str) -> None:
        if (self.is_stream and self._arrived(0.0)) or self._surplus:
            self._fail(OutOfStep(resource=self.resource, sent=message, raw=self._rest()))
        data = message.encode("ascii") + self.write_end
        if self.journal is not None:
            self.journal(">", data)
        try:
            self._write_bytes(self._handle, data)
        except errors.VisaIOError as error:
            self._visa_fault(error, message, self.timeout)
        except (OSError, errors.Error) as error:
            self._fail(LinkLost(resource=self.resource, why=_why(error)), error)

    def _receive(self, message: str, timeout: float) -> str:
        try:
            if timeout != self._timeout_set:
                self._session.timeout = timeout * 1000
                self._timeout_set = timeout
            raw = self._read_socket(message, timeout) if self._socket is not None else self._read_visa()
        except LinkFault:
            raise
        except errors.VisaIOError as error:
            self._visa_fault(error, message, timeout)
        except (OSError, errors.Error) as error:
            self._fail(LinkLost(resource=self.resource, why=_why(error)), error)
        if self.journal is not None:
            self.journal("<", raw)
        if not raw.endswith(self.read_end):
            self._fail(Garbled(resource=self.resource, sent=message, raw=_shown(raw), right="a terminated line"))
        try:
            return raw[: -len(self.read_end)].decode("ascii")
        except UnicodeDecodeError as error:
            self._fail(Garbled(resource=self.resource, sent=message, raw=_shown(raw), right="ASCII text"), error)

    def _read_visa(self) -> bytes:
        raw, status = self._read_bytes(self._handle, SIZE)
        while status == StatusCode.success_max_count_read:
            more, status = self._read_bytes(self._handle, SIZE)
            raw += more
        return bytes(raw)

    def _read_socket(self, message: str, timeout: float) -> bytes:
        """A line of a PyVISA-py socket; the socket is watched, so that a closed or reset peer is seen at once."""
        assert self._socket is not None
        line = b""
        ends = time.monotonic() + timeout
        while not line.endswith(self.read_end[-1:]):
            waiting = self._peek(max(0.0, ends - time.monotonic()))
            if waiting is None:
                raw = _shown(line) if line else "nothing"
                self._fail(Timeout(resource=self.resource, sent=message, seconds=timeout, raw=raw))
            chunk = self._read_bytes(self._handle, waiting)[0]
            self._surplus = len(chunk) < waiting
            line += chunk
        return line

    def _peek(self, seconds: float) -> int | None:
        """How many bytes are there, waiting for one; None after `seconds`. Raises LinkLost by way of a fault."""
        assert self._socket is not None
        waiting = sockets.peek(self._socket, seconds, SIZE)
        if waiting == 0:
            self._fail(LinkLost(resource=self.resource, why="the other end closed it"))
        return waiting

    def _arrived(self, seconds: float) -> bool:
        """Whether bytes are there that nobody asked for, within so many seconds."""
        if self._surplus:
            return True
        try:
            if self._socket is not None:
                return self._peek(seconds) is not None
            if seconds and not isinstance(self.library, str):
                seconds = 0.0  # an object in this process: what is there is there
            time.sleep(seconds)
            return self.is_stream and bool(self._session.bytes_in_buffer)
        except LinkFault:
            raise
        except OSError as error:
            self._fail(LinkLost(resource=self.resource, why=_why(error)), error)
        except (AttributeError, errors.Error):
            return False

    def _rest(self) -> str:
        """What is there that nobody asked for, for the fault's facts."""
        return self.drain(0.0) or "more bytes than one reply"

    def drain(self, quiet: float = 0.05) -> str:
        """Read and throw away what arrives until `quiet` seconds are silent; what it was."""
        found = b""
        with self.lock, contextlib.suppress(errors.Error, OSError, AttributeError):
            self._surplus = False
            self._session.timeout = max(quiet, 0.001) * 1000
            self._timeout_set = -1.0
            for _ in range(1000):
                raw = self._read_bytes(self._handle, SIZE)[0]
                if not raw:
                    break
                found += raw
        if found and self.journal is not None:
            self.journal("!", b"drained " + found)
        return _shown(found) if found else ""

    # -- faults and repair --------------------------------------------------------------------------------------

    def _visa_fault(self, error: errors.VisaIOError, message: str, timeout: float) -> NoReturn:
        if error.error_code == StatusCode.error_timeout:
            self._fail(Timeout(resource=self.resource, sent=message, seconds=timeout, raw="nothing"), error)
        if error.error_code in LOST:
            self._fail(LinkLost(resource=self.resource, why=_why(error)), error)
        self._fail(Garbled(resource=self.resource, sent=message, raw=_why(error), right="a reply"), error)

    def _fail(self, fault: LinkFault, cause: BaseException | None = None) -> NoReturn:
        self.fail(fault)
        raise fault from cause

    def fail(self, fault: LinkFault) -> None:
        """Put the link out of order: whoever sees that a reply is wrong says so here, and raises the fault."""
        self.fault = fault
        if self.journal is not None:
            self.journal("!", str(fault).encode())

    def new_mark(self) -> int:
        """A number from 1 to 255 for the first message of a session."""
        return random.randrange(1, 256)  # noqa: S311  a mark, not a secret

    def repair(self) -> None:
        """Bring the link back: clear or open again, drain, know the instrument again. Raises, and stays out of order."""
        with self.lock:
            self._repairing = True
            try:
                if isinstance(self.fault, LinkLost) or self.is_stream:
                    self.close()
                    self.open()
                else:
                    self.open()
                    self._session.clear()
                self.drain(0.05)
                if self.know_again is not None:
                    self.know_again()
            except LinkFault:
                raise
            except (errors.Error, OSError) as error:
                raise LinkLost(resource=self.resource, why=_why(error)) from error
            finally:
                self._repairing = False
            self.fault = None
            self.repairs += 1


def open_link(resource: str, library: str | VisaLibraryBase = "@py", **options: Any) -> Link:
    """An open link; options as for Link. Raises Unreachable."""
    link = Link(resource, library, **options)
    link.open()
    return link


def _why(error: BaseException) -> str:
    if isinstance(error, errors.VisaIOError):
        return str(error.abbreviation)
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error) or type(error).__name__


def _shown(raw: bytes) -> str:
    return repr(bytes(raw[:200]))[1:]
