"""The log says what happened and never gets in the way of it."""

from __future__ import annotations

import io

from helpdesk.log import Log, configure_logs


class Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError("no space left on device")


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    configure_logs(stream=Full())
    Log().info("processed", message="1")
    Log().warning("poll_failed", failures=1)


def test_an_event_is_one_line_with_its_ids() -> None:
    stream = io.StringIO()
    configure_logs(stream=stream)
    Log().info("processed", message="1", held=False)
    (line,) = stream.getvalue().splitlines()
    assert "event=processed" in line
    assert "message=1" in line


def test_quiet_keeps_only_warnings() -> None:
    stream = io.StringIO()
    configure_logs(stream=stream, quiet=True)
    Log().info("processed")
    Log().warning("poll_failed")
    assert "processed" not in stream.getvalue()
    assert "poll_failed" in stream.getvalue()
