"""The process that twistd runs: how a start that fails ends, where the log goes, what SIGHUP does, which clock it has.

    cannot start    one sentence on the operator's terminal, exit status 1, no pid file; in the background too
    takes a while   a start that returns a Deferred is awaited: what fails in a later turn ends in the same way, and
                    `twistd` returns to the terminal when the start is over, which is when people can come in
    SIGHUP          in the foreground (a terminal that closes sends it) a goodbye and a clean end;
                    in the background the log file is opened anew: logrotate may have moved it away
    SIGUSR1         the log file is rotated, as twistd does
    a second        of the signals that end it changes nothing: it is ending
    the clock       calls for later do not follow the time of day, which may be set back

Must not know the core, doors or sessions.
Sources: twisted.scripts._twistd_unix; the howto "Twisted Logging" (ILogObserver as a component of the application);
logrotate(8), daemon(7).
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NoReturn

from twisted.application.service import MultiService, Service
from twisted.internet.defer import Deferred, FirstError, gatherResults, maybeDeferred
from twisted.internet.error import ReactorNotRunning
from twisted.logger import ILogObserver, Logger, textFileLogObserver
from twisted.python.components import Componentized
from twisted.python.logfile import LogFile

from chatproto.errors import CannotStart, reason
from chatproto.language import _, from_environment, language

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from twisted.application.service import IService
    from twisted.python.failure import Failure

    from chatproto.errors import ChatError

_log = Logger(namespace="chatproto")
_say = language(from_environment()).read

_ENDING: Final = (signal.SIGTERM, signal.SIGINT)
_DAEMONS_LOG: Final = "twistd.log"  # twistd's own default
# What twistd's parent reads, and ends with status 0 or 1; it shows what the 1 means.
_STARTED: Final = b"0"
_NOT_STARTED: Final = b"1 the reason stands above"
_PIPE_BYTES: Final = 98  # it reads no more
_ENDED_BEFORE: Final = b"1 it was told to end before it had started"


class Process(MultiService):
    """A service, and what twistd's process needs around it.

    The services in it may return a Deferred from either start, as from their stop.

    options   what twistd was told, or nothing when another program runs the service
    """

    def __init__(self, options: MutableMapping[str, Any], reactor: Any) -> None:
        super().__init__()
        self._options = options
        self._reactor = reactor
        self._is_ending = False
        self._starting: list[Deferred[Any]] = []
        self._parent: int | None = None
        self._is_daemon = not options.get("nodaemon", True)
        self._terminal = _spare_stderr() if self._is_daemon else None
        self._log_file: LogFile | None = None
        if options:
            # Twisted's calls for later follow the time of day (twisted#2424): a peer paused for a second when
            # the clock is set back by an hour would wait for an hour.
            reactor.seconds = time.monotonic

    def refuse(self, error: CannotStart) -> NoReturn:
        """Tell the operator at the terminal why the server does not start, and end."""
        self._tell_operator(error)
        raise SystemExit(1)

    def _tell_operator(self, error: CannotStart) -> None:
        with suppress(OSError):
            print(_spoken(error), file=self._terminal or sys.__stderr__, flush=True)

    def fail(self, error: ChatError) -> None:
        """End with a goodbye and exit status 1: it cannot go on."""
        _log.critical("{sentence}", sentence=_say(error.sentence))
        self._end_failed()

    def _end_failed(self) -> None:
        atexit.register(os._exit, 1)  # twistd knows of no other end than a good one, or a signal's
        if not self._is_ending:
            self._is_ending = True
            self._reactor.callWhenRunning(self._stop)

    def _stop(self) -> None:
        with suppress(ReactorNotRunning):  # it stops already
            self._reactor.stop()

    def check(self) -> None:
        """Raise CannotStart when twistd would end in a traceback, or hang, after this."""
        pid_file = self._options.get("pidfile")
        if pid_file and not self._options.get("chroot"):
            _try_pid_file(Path(pid_file))
        wanted = {self._options.get("uid"), self._options.get("gid")} - {None}
        if os.geteuid() != 0 and wanted - {os.getuid(), os.getgid()}:
            raise CannotStart(_("Only root may use --uid and --gid."))

    # Twisted calls these

    def setServiceParent(self, parent: IService) -> None:
        """Take part in the application; log to a file that can be opened anew."""
        super().setServiceParent(parent)
        if isinstance(parent, Componentized) and (path := self._log_path()):
            try:
                self._log_file = LogFile.fromFullPath(path)
            except OSError as error:
                sentence = _("The log file {path} cannot be written: {reason}.",
                             path=path, reason=reason(error))  # fmt: skip
                self.refuse(CannotStart(sentence))
            stream: Any = self._log_file  # has of a stream what the observer uses
            parent.setComponent(ILogObserver, textFileLogObserver(stream))

    def privilegedStartService(self) -> None:
        """Start while ports under 1024 may still be opened."""
        Service.privilegedStartService(self)
        self._starting += [maybeDeferred(one.privilegedStartService) for one in self]

    def startService(self) -> None:
        """Start what is left, and await all of it."""
        Service.startService(self)
        self._starting += [maybeDeferred(one.startService) for one in self]
        if self._options:
            self._heed_signals()
            # twistd tells its parent that all is well as soon as this returns; that is ours to say, and when.
            self._parent = self._options.pop("statusPipe", None)
        started = gatherResults(self._starting, consumeErrors=True)
        started.addCallbacks(self._has_started, self._has_not_started)

    def stopService(self) -> Any:
        """End, and let nothing else end it once more."""
        self._is_ending = True
        self._tell_parent(_ENDED_BEFORE)
        return super().stopService()

    # -- the start --------------------------------------------------------------------------------

    def _has_started(self, _results: object) -> None:
        """Note that it has started: the terminal may close from now on."""
        self._tell_parent(_STARTED)
        if self._terminal:
            self._terminal.close()
            self._terminal = None

    def _has_not_started(self, first: Failure) -> None:
        """Tell why it has not started, and end; unless it did not start because it is ending."""
        if self._is_ending:
            return
        assert isinstance(first.value, FirstError)
        failure = first.value.subFailure
        if isinstance(failure.value, CannotStart):
            if self._is_daemon or self._log_file:
                _log.critical("{sentence}", sentence=_spoken(failure.value))
            self._tell_operator(failure.value)
            self._tell_parent(_NOT_STARTED)
        else:
            _log.failure("A fault while the server was started", failure)
            self._tell_parent(b"1 " + repr(failure.value).encode()[:_PIPE_BYTES])
        self._end_failed()

    def _tell_parent(self, message: bytes) -> None:
        """Let twistd's parent end, which waits at the terminal; only the first message counts."""
        parent, self._parent = self._parent, None
        if parent is not None:
            with suppress(OSError):  # it was ended
                os.write(parent, message)
            os.close(parent)

    # -- the log file -----------------------------------------------------------------------------

    def _log_path(self) -> str:
        """Return the path of the file that twistd would log to; "" for none, or another way to log."""
        options = self._options
        if options.get("logger") or options.get("syslog") or options.get("logfile") == "-":
            return ""
        return options.get("logfile") or (_DAEMONS_LOG if self._is_daemon else "")

    def _reopen(self) -> None:
        if self._log_file is None:
            return
        try:
            with Path(self._log_file.path).open("ab"):
                pass  # `reopen` closes first: a file that cannot be opened would end all logging
        except OSError as error:
            _log.error("The log file was not reopened: {reason}", reason=reason(error))
        else:
            self._log_file.reopen()

    # -- signals ----------------------------------------------------------------------------------

    def _heed_signals(self) -> None:
        if self._log_file:
            self._on(signal.SIGUSR1, self._log_file.rotate)
        if self._is_daemon:
            self._on(signal.SIGHUP, self._reopen)
        elif signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup sets it
            self._end_once(signal.SIGHUP, lambda *_: self._reactor.callFromThread(self._end))
        self._reactor.callWhenRunning(self._end_once_by_twisted)

    def _end_once_by_twisted(self) -> None:
        """Heed one signal to stop: Twisted takes a second one, while it stops, for an error."""
        for number in _ENDING:
            handler = signal.getsignal(number)
            if callable(handler):
                self._end_once(number, handler)

    def _end_once(self, number: signal.Signals, end: Callable[[int, Any], object]) -> None:
        def heed(number: int, frame: Any) -> None:
            # Another signal may come before these two steps and after them, but not between.
            if self._is_ending:
                return
            self._is_ending = True
            end(number, frame)

        signal.signal(number, heed)

    def _on(self, number: signal.Signals, call: Callable[[], object]) -> None:
        signal.signal(number, lambda _number, _frame: self._reactor.callFromThread(call))

    def _end(self) -> None:
        """End as on SIGTERM."""
        _log.info("Received SIGHUP, shutting down.")
        self._reactor.stop()


def _spoken(error: CannotStart) -> str:
    return f"chat: {_say(error.sentence)}"


def _spare_stderr() -> IO[str] | None:
    """Return a stderr that outlives the way into the background; None where there is none."""
    try:
        return os.fdopen(os.dup(2), "w", errors="backslashreplace")
    except OSError:
        return None


def _try_pid_file(path: Path) -> None:
    """Do what twistd will do in a moment, and undo it."""
    is_new = not path.exists()
    try:
        with path.open("ab"):
            pass
        if is_new:
            path.unlink()
    except OSError as error:
        sentence = _(
            "The pid file {path} cannot be written: {reason}. --pidfile= before the word chat makes none.",
            path=path, reason=reason(error),
        )  # fmt: skip
        raise CannotStart(sentence) from error
