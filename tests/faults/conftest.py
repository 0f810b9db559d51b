"""What may go wrong outside of the server, and what it does then.

`make faults` runs all of it.  A run that names neither this folder nor the marker leaves out what bears the marker: so
a plain `pytest` stays short.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from running import Running

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long ones, unless they were asked for."""
    here = any(_HERE in (path := Path(arg.split("::")[0]).resolve()).parents or path == _HERE
               for arg in config.args)  # fmt: skip
    if here or "faults" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("faults")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    """A server whose log has no traceback in the end."""
    with Running(tmp_path, "--rate", "off", doors=("telnet", "plain")) as running:
        yield running
        assert running.process.poll() is None, running.log.read_text()
    assert "Traceback" not in running.log.read_text(), running.log.read_text()
