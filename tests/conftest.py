"""What every test is guarded by: no failure that was not looked at, no call left for later, no wait without end."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from twisted.internet import reactor as _reactor
from twisted.logger import ILogObserver, LogLevel, globalLogPublisher
from zope.interface import implementer

if TYPE_CHECKING:
    from collections.abc import Iterator

reactor: Any = _reactor

# Machines are noisy: a slow example is no failure; and the same examples everywhere.
settings.register_profile("server", deadline=None, derandomize=True, print_blob=True)
# A tenth of them reaches the same lines: for `make check`, which counts these (tracing is slow).
settings.register_profile("few", settings.get_profile("server"), max_examples=10)
settings.load_profile("server")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Set aside what is here for good, so that looking for what a test left behind is quick."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_unseen_failure() -> Iterator[list[Any]]:
    """Fail a test that leaves a failure which was not looked at."""
    seen: list[Any] = []

    @implementer(ILogObserver)
    def observe(event: Any) -> None:
        if event.get("log_failure") is not None and event["log_level"] >= LogLevel.error:
            seen.append(event["log_failure"])

    globalLogPublisher.addObserver(observe)
    yield seen
    gc.collect()  # a Deferred tells of its failure when it is collected
    globalLogPublisher.removeObserver(observe)
    assert not seen, "\n".join(failure.getTraceback() for failure in seen)


@pytest.fixture
def failures(no_unseen_failure: list[Any]) -> Iterator[list[Any]]:
    """Return the failures that were logged to a test that expects some, and looks at them."""
    yield no_unseen_failure
    no_unseen_failure.clear()


@pytest.fixture(autouse=True)
def nothing_left_for_later() -> Iterator[None]:
    """Fail a test that leaves a call or a socket in the reactor."""
    yield
    calls = [str(call) for call in reactor.getDelayedCalls()]
    for call in reactor.getDelayedCalls():
        call.cancel()
    assert not calls
    assert not set(reactor.getReaders()) - reactor._internalReaders
