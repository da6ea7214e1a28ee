"""One testee process: lines in, lines out, a time limit on each, and the truth about how it ended.

Reading, writing and stderr run in threads of their own, so a testee that hangs, floods or stops reading
cannot block the runner, on any operating system.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import IO

#: A longer line is a flood, not an answer.
LINE_LIMIT = 64 * 2**20
#: Lines that may lie unread before the reader waits, which in the end blocks a flooding testee.
BACKLOG = 64
#: What is kept of stderr for the report.
STDERR_LINES = 40
#: How long a testee may take to leave after its pipe was closed or stop was sent.
GRACE_SECONDS = 2.0


class Ended(Exception):
    """The testee gave no further line: it exited, closed its output, or wrote a line without end."""


class TooLong(Exception):
    """The testee wrote more than `LINE_LIMIT` without ending the line."""


class TimedOut(Exception):
    """No line came within the time limit."""


class Child:
    """A running testee; `close` or `kill` must be called in the end."""

    def __init__(self, command: Sequence[str] | str, environment: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=None if environment is None else {**os.environ, **environment},
            start_new_session=os.name == "posix",
        )
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._closing = threading.Event()
        self._lines: queue.Queue[bytes | None] = queue.Queue(BACKLOG)
        self._rest = b""
        self._outbox: queue.Queue[bytes | None] = queue.Queue()
        self._stderr: deque[str] = deque(maxlen=STDERR_LINES)
        self._threads = [
            threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._write, args=(self._process.stdin,), daemon=True),
            threading.Thread(target=self._collect, args=(self._process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def send(self, line: bytes) -> None:
        """Hand over one line; a testee that does not read it shows up as a time-out."""
        self._outbox.put(line)

    def receive(self, seconds: float) -> bytes:
        """The next line; raises `TimedOut`, `TooLong` or `Ended`."""
        try:
            line = self._lines.get(timeout=max(0.0, seconds))
        except queue.Empty:
            if self._process.poll() is not None:  # What it started keeps its output open.
                raise Ended(self._ending()) from None
            raise TimedOut(f"no answer within {seconds:g} s") from None
        if line is None:
            self._lines.put(None)
            if len(self._rest) == LINE_LIMIT:
                raise TooLong(f"more than {LINE_LIMIT} bytes without an end of the line")
            raise Ended(self._ending())
        return line

    def stray(self) -> bytes | None:
        """A line nobody asked for, if one has arrived by now."""
        try:
            line = self._lines.get_nowait()
        except queue.Empty:
            return None
        if line is None:
            self._lines.put(None)
        return line

    def stderr(self) -> str:
        """The last lines the testee wrote to stderr."""
        return "\n".join(tuple(self._stderr))

    def close(self, farewell: bytes) -> tuple[int | None, bytes | None]:
        """Send the last line and wait; gives the exit status (None if it had to be killed) and a stray line."""
        self.send(farewell)
        self._outbox.put(None)
        deadline = time.monotonic() + GRACE_SECONDS
        stray = None
        while stray is None and time.monotonic() < deadline:
            try:
                stray = self.receive(deadline - time.monotonic())
            except (Ended, TimedOut, TooLong):
                break
        try:
            status: int | None = self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            status = None
        self.kill()
        return status, stray

    def kill(self) -> None:
        """End the testee and everything it started; safe to call twice."""
        self._closing.set()
        self._outbox.put(None)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join(GRACE_SECONDS)
        streams = (self._process.stdout, self._process.stdin, self._process.stderr)
        for thread, stream in zip(self._threads, streams, strict=True):
            if stream is not None and not thread.is_alive():
                with contextlib.suppress(OSError):
                    stream.close()

    def _ending(self) -> str:
        try:
            status = self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            ending = "closed its output and kept running"
        else:
            ending = f"ended with {'signal ' if status < 0 else 'exit status '}{abs(status)} before it answered"
        return ending + (f", after the beginning of a line: {self._rest[:60]!r}" if self._rest else "")

    def _read(self, stream: IO[bytes]) -> None:
        while True:
            try:
                line = stream.readline(LINE_LIMIT)
            except (OSError, ValueError):
                line = b""
            if not line.endswith(b"\n"):
                self._rest = line
                self._enqueue(None)
                return
            if not self._enqueue(line):
                return

    def _enqueue(self, line: bytes | None) -> bool:
        while not self._closing.is_set():
            try:
                self._lines.put(line, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def _write(self, stream: IO[bytes]) -> None:
        while (line := self._outbox.get()) is not None:
            try:
                stream.write(line)
                stream.flush()
            except (OSError, ValueError):
                return
        with contextlib.suppress(OSError):
            stream.close()

    def _collect(self, stream: IO[bytes]) -> None:
        for raw in iter(lambda: stream.readline(4096), b""):
            self._stderr.append(raw.decode("utf-8", "replace").rstrip())
