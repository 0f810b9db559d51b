"""The process that twistd runs: why it does not start, at whose terminal, and what its signals do."""

from __future__ import annotations

import os
import signal
import sys
import time
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from twisted.application.service import Application, IService, Service
from twisted.internet.defer import Deferred
from twisted.logger import ILogObserver

from chatproto.errors import CannotStart
from chatproto.language import _
from chatproto.process import Process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


ENDINGS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


class Reactor:
    """A reactor that does at once what a signal asks for, and counts how often it was stopped."""

    def __init__(self) -> None:
        self.stopped = 0
        self._is_running = False
        self.seconds: Callable[[], float] = time.time

    def callFromThread(self, call: Callable[[], object]) -> None:
        call()

    def callWhenRunning(self, call: Callable[[], object]) -> None:
        if not self._is_running:  # as Twisted's does before
            self._is_running = True
            signal.signal(signal.SIGTERM, self.signalled)
            signal.signal(signal.SIGINT, self.signalled)
        call()

    def signalled(self, _number: int, _frame: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.stopped += 1


class Failing(Service):
    """A service that cannot start."""

    def privilegedStartService(self) -> None:
        raise CannotStart(_("No."))


class Slow(Service):
    """A service that starts when it is told to; `early` within the call for privileges."""

    def __init__(self, *, early: bool = True) -> None:
        self.started: Deferred[None] = Deferred()
        self._early = early

    def privilegedStartService(self) -> Deferred[None] | None:
        return self.started if self._early else None

    def startService(self) -> Deferred[None] | None:
        super().startService()
        return None if self._early else self.started


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Return what was said on the terminal."""
    screen = StringIO()
    monkeypatch.setattr(sys, "__stderr__", screen)
    return screen.getvalue


@pytest.fixture
def signals() -> Iterator[None]:
    """Leave the signals as they were."""
    numbers = (signal.SIGHUP, signal.SIGUSR1, signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, signal.SIG_DFL) for number in numbers]
    yield
    for number, action in zip(numbers, before, strict=True):
        signal.signal(number, action)


_made: list[Process] = []


def process(**options: Any) -> Process:
    _made.append(Process({"nodaemon": True, **options}, Reactor()))
    return _made[-1]


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    yield
    for file in (file for one in _made for file in (one._log_file, one._terminal)):
        if file and not file.closed:
            file.close()
    _made.clear()


# -- the start ------------------------------------------------------------------------------------


@pytest.fixture
def at_exit(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Return what would be done at Python's end."""
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr("atexit.register", lambda *call: calls.append(call))
    return calls


def started(service: Service, **options: Any) -> Process:
    """Start it as twistd does."""
    outer = process(**options)
    service.setServiceParent(outer)
    outer.privilegedStartService()
    outer.startService()
    return outer


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Return the two ends of the pipe from a daemon to twistd's parent at the terminal."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    yield reading, writing
    os.close(reading)


def told(pipe: tuple[int, int]) -> bytes:
    """Return what the parent reads; nothing when it goes on waiting."""
    try:
        return os.read(pipe[0], 100)
    except BlockingIOError:
        return b""


@pytest.mark.usefixtures("signals")
def test_a_service_that_cannot_start_is_told_in_one_sentence_and_status_1(
    said: Callable[[], str], at_exit: list[tuple[object, ...]]
) -> None:
    outer = started(Failing())
    assert said() == "chat: No.\n"
    assert at_exit == [(os._exit, 1)]
    assert outer._reactor.stopped == 1


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("early", [True, False])
def test_so_is_one_that_fails_in_a_later_turn(
    said: Callable[[], str], at_exit: list[tuple[object, ...]], early: bool
) -> None:
    slow = Slow(early=early)
    outer = started(slow)
    assert not outer._reactor.stopped
    slow.started.errback(CannotStart(_("No.")))
    assert said() == "chat: No.\n"
    assert at_exit == [(os._exit, 1)]
    assert outer._reactor.stopped == 1


@pytest.mark.usefixtures("signals")
def test_a_fault_during_the_start_is_logged_and_ends_it_with_status_1(
    said: Callable[[], str], at_exit: list[tuple[object, ...]], pipe: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    logged: list[Any] = []
    monkeypatch.setattr("chatproto.process._log", Log(logged))
    slow = Slow()
    outer = started(slow, statusPipe=pipe[1])
    slow.started.errback(ZeroDivisionError("x" * 200))
    assert [type(failure.value) for failure in logged] == [ZeroDivisionError]
    assert not said()
    assert told(pipe).startswith(b"1 ZeroDivisionError('xxx")
    assert at_exit == [(os._exit, 1)]
    assert outer._reactor.stopped == 1


class Log:
    """A log that keeps failures."""

    def __init__(self, failures: list[Any]) -> None:
        self._failures = failures

    def failure(self, _format: str, failure: Any) -> None:
        self._failures.append(failure)


@pytest.mark.usefixtures("signals")
def test_twistds_parent_is_told_when_the_start_is_over_and_not_before(
    pipe: tuple[int, int],
) -> None:
    slow = Slow()
    outer = started(slow, nodaemon=False, syslog=True, statusPipe=pipe[1])
    terminal = outer._terminal
    assert terminal
    assert not told(pipe)
    assert not terminal.closed
    assert "statusPipe" not in outer._options  # or twistd would say at once that all is well
    slow.started.callback(None)
    assert told(pipe) == b"0"
    assert terminal.closed


@pytest.mark.usefixtures("signals")
def test_twistds_parent_is_told_at_once_of_a_start_that_is(pipe: tuple[int, int]) -> None:
    started(Service(), nodaemon=False, syslog=True, statusPipe=pipe[1])
    assert told(pipe) == b"0"


@pytest.mark.usefixtures("signals", "at_exit")
def test_a_daemon_that_fails_in_a_later_turn_says_so_at_the_terminal(
    pipe: tuple[int, int], tmp_path: Path
) -> None:
    slow = Slow()
    outer = started(slow, nodaemon=False, syslog=True, statusPipe=pipe[1])
    terminal = outer._terminal
    assert terminal
    with (tmp_path / "terminal").open("w") as screen:
        outer._terminal = screen
        slow.started.errback(CannotStart(_("No.")))
    terminal.close()
    assert (tmp_path / "terminal").read_text() == "chat: No.\n"
    assert told(pipe) == b"1 the reason stands above"


@pytest.mark.usefixtures("signals")
def test_one_that_is_told_to_end_before_it_has_started_has_not_failed(
    said: Callable[[], str], at_exit: list[tuple[object, ...]], pipe: tuple[int, int]
) -> None:
    slow = Slow()
    outer = started(slow, statusPipe=pipe[1])
    outer.stopService()
    slow.started.cancel()
    assert told(pipe) == b"1 it was told to end before it had started"
    assert not said()
    assert not at_exit
    assert not outer._reactor.stopped


@pytest.mark.usefixtures("signals")
def test_what_cannot_go_on_ends_once_with_status_1(at_exit: list[tuple[object, ...]]) -> None:
    outer = started(Service())
    outer.fail(CannotStart(_("No more.")))
    signal.raise_signal(signal.SIGTERM)
    assert at_exit == [(os._exit, 1)]
    assert outer._reactor.stopped == 1


@pytest.mark.parametrize("path", ["/proc/chat.pid", "/", "/nowhere/chat.pid"])
def test_a_pid_file_that_cannot_be_written_is_told(path: str) -> None:
    with pytest.raises(CannotStart, match=r"pid file .* cannot be written: .*--pidfile= before"):
        process(pidfile=path).check()


def test_trying_a_pid_file_leaves_nothing(tmp_path: Path) -> None:
    old = tmp_path / "old.pid"
    old.write_text("1")
    process(pidfile=str(tmp_path / "new.pid")).check()
    process(pidfile=str(old)).check()
    process(pidfile="").check()
    assert list(tmp_path.iterdir()) == [old]
    assert old.read_text() == "1"


def test_in_a_chroot_the_pid_file_is_somewhere_else() -> None:
    process(pidfile="/nowhere/chat.pid", chroot="/srv").check()


def test_another_user_than_root_cannot_change_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    process(uid=os.getuid(), gid=None).check()
    process().check()
    with pytest.raises(CannotStart, match="Only root may use --uid and --gid"):
        process(uid=os.getuid() + 1).check()


# -- the log file ---------------------------------------------------------------------------------


def in_application(outer: Process) -> Any:
    application: Any = Application("chat")
    outer.setServiceParent(application)
    return application.getComponent(ILogObserver, None)


def test_the_log_file_that_twistd_was_told_is_ours(tmp_path: Path) -> None:
    path = tmp_path / "chat.log"
    assert in_application(process(logfile=str(path)))
    assert path.exists()


@pytest.mark.parametrize(
    "options", [{}, {"logfile": "-"}, {"logfile": "x", "syslog": True}, {"logger": print}]
)
def test_other_ways_to_log_are_left_to_twistd(options: dict[str, Any]) -> None:
    assert in_application(process(**options)) is None


def test_a_log_file_that_cannot_be_written_is_told(said: Callable[[], str]) -> None:
    with pytest.raises(SystemExit):
        in_application(process(logfile="/nowhere/chat.log"))
    assert said() == (
        "chat: The log file /nowhere/chat.log cannot be written: No such file or directory.\n"
    )


# -- signals --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("signals")
def test_sighup_in_the_foreground_ends_it_once() -> None:
    outer = process()
    outer.startService()
    signal.raise_signal(signal.SIGHUP)
    signal.raise_signal(signal.SIGHUP)
    assert outer._reactor.stopped == 1


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("first", ENDINGS)
@pytest.mark.parametrize("second", ENDINGS)
def test_whatever_signals_end_it_it_ends_once(
    first: signal.Signals, second: signal.Signals
) -> None:
    outer = process()
    outer.startService()
    signal.raise_signal(first)
    signal.raise_signal(second)
    assert outer._reactor.stopped == 1


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("second", ENDINGS)
def test_so_it_does_when_the_first_comes_before_the_reactor_runs(second: signal.Signals) -> None:
    outer = process()
    start = outer._reactor.callWhenRunning
    outer._reactor.callWhenRunning = lambda _call: None
    outer.startService()
    signal.raise_signal(signal.SIGHUP)
    start(outer._end_once_by_twisted)
    signal.raise_signal(second)
    assert outer._reactor.stopped == 1


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("number", ENDINGS)
def test_once_it_ends_for_another_reason_no_signal_ends_it(number: signal.Signals) -> None:
    outer = process()
    outer.startService()
    outer.stopService()
    signal.raise_signal(number)
    assert outer._reactor.stopped == 0


@pytest.mark.usefixtures("signals")
def test_in_the_background_sighup_opens_the_log_anew_while_it_ends_too(tmp_path: Path) -> None:
    outer = process(nodaemon=False, logfile=str(tmp_path / "log"))
    in_application(outer)
    outer.startService()
    signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGHUP)
    assert outer._reactor.stopped == 1


@pytest.mark.usefixtures("signals")
def test_sighup_that_nohup_put_off_stays_so() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    process().startService()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


@pytest.mark.usefixtures("signals")
def test_sighup_in_the_background_opens_the_log_anew(tmp_path: Path) -> None:
    path = tmp_path / "chat.log"
    outer = process(nodaemon=False, logfile=str(path))
    observe = in_application(outer)
    outer.startService()
    observe({"log_format": "before", "log_time": 1.0})
    path.rename(tmp_path / "moved")
    observe({"log_format": "between", "log_time": 1.0})
    signal.raise_signal(signal.SIGHUP)
    observe({"log_format": "after", "log_time": 1.0})
    moved = (tmp_path / "moved").read_text()
    assert "before" in moved
    assert "between" in moved
    assert "after" in path.read_text()
    assert not outer._reactor.stopped


@pytest.mark.usefixtures("signals")
def test_a_log_that_cannot_be_opened_anew_goes_on_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    outer = process(nodaemon=False, logfile=str(tmp_path / "logs" / "chat.log"))
    observe = in_application(outer)
    outer.startService()
    (tmp_path / "logs").rename(tmp_path / "moved")
    signal.raise_signal(signal.SIGHUP)
    observe({"log_format": "still here", "log_time": 1.0})
    assert "still here" in (tmp_path / "moved" / "chat.log").read_text()


@pytest.mark.usefixtures("signals")
def test_sighup_in_the_background_without_a_file_does_nothing() -> None:
    outer = process(nodaemon=False, syslog=True)
    outer.startService()
    signal.raise_signal(signal.SIGHUP)
    assert not outer._reactor.stopped


@pytest.mark.usefixtures("signals")
def test_sigusr1_rotates_as_in_twistd(tmp_path: Path) -> None:
    outer = process(nodaemon=False, logfile=str(tmp_path / "chat.log"))
    in_application(outer)
    outer.startService()
    signal.raise_signal(signal.SIGUSR1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chat.log", "chat.log.1"]


@pytest.mark.usefixtures("signals")
def test_who_is_run_by_another_than_twistd_has_their_own_signals() -> None:
    Process({}, Reactor()).startService()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL


@pytest.mark.usefixtures("signals")
def test_a_daemon_keeps_no_terminal_once_it_runs() -> None:
    outer = process(nodaemon=False, syslog=True)
    terminal = outer._terminal
    assert terminal
    outer.startService()
    assert terminal.closed


def test_calls_for_later_do_not_follow_the_time_of_day() -> None:
    assert process()._reactor.seconds is time.monotonic
    assert Process({}, Reactor())._reactor.seconds is time.time  # a reactor that is not twistd's


def test_it_is_a_service() -> None:
    assert IService.providedBy(process())
