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
from twisted.logger import ILogObserver

from chatproto.errors import CannotStart
from chatproto.language import _
from chatproto.process import Process, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


ENDINGS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


class Reactor:
    """A reactor that does at once what a signal asks for, and counts how often it was stopped."""

    def __init__(self) -> None:
        self.stopped = 0
        self.seconds: Callable[[], float] = time.time

    def callFromThread(self, call: Callable[[], object]) -> None:
        call()

    def callWhenRunning(self, call: Callable[[], object]) -> None:
        signal.signal(signal.SIGTERM, self.signalled)  # as Twisted's does before
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


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Give what was said on the terminal."""
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


def test_a_service_that_cannot_start_is_told_in_one_sentence_and_status_1(
    said: Callable[[], str],
) -> None:
    outer = process()
    Failing().setServiceParent(outer)
    with pytest.raises(SystemExit) as ended:
        outer.privilegedStartService()
    assert ended.value.code == 1
    assert said() == "chat: No.\n"


def test_twistd_takes_it_for_an_exception_and_python_for_an_exit() -> None:
    assert issubclass(Refused, Exception)  # twistd tells its parent, and takes its pid file away
    assert issubclass(Refused, SystemExit)  # no traceback


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
    with pytest.raises(Refused):
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
    assert Process({}, Reactor())._reactor.seconds is time.time  # somebody else's reactor


def test_it_is_a_service() -> None:
    assert IService.providedBy(process())
