"""Logs: an event name and ids, one line each, to standard error. Never a subject, an address or a body.

Other libraries log through the standard library; their texts may hold content, so only the name of the library and the
level of what they say is kept.
"""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import suppress
from types import TracebackType
from typing import TextIO

import structlog

from helpdesk.errors import place_of


class Log:
    """`info` and `warning` take an event name and ids as keywords: `log.info("classified", message=ID, rule=NAME)`.

    They never raise: a full disk under the log, or a reader that is gone, must not undo what was done.
    """

    def __init__(self) -> None:
        self._log = structlog.get_logger()

    def info(self, event: str, **ids: str | int | float | bool | None) -> None:
        with suppress(OSError, ValueError):
            self._log.info(event, **ids)

    def warning(self, event: str, **ids: str | int | float | bool | None) -> None:
        with suppress(OSError, ValueError):
            self._log.warning(event, **ids)


class _NameOnly(logging.Handler):
    """Repeats of another library's record only where it came from."""

    def emit(self, record: logging.LogRecord) -> None:
        place = f"{record.filename}:{record.lineno}"
        log = Log()
        log.warning("library", name=record.name, level=record.levelname.lower(), place=place)


def configure_logs(*, stream: TextIO | None = None, quiet: bool = False) -> None:
    """Send our events to `stream` (standard error by default); `quiet` keeps only warnings."""
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.add_log_level,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if quiet else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_NameOnly(logging.WARNING)], level=logging.WARNING, force=True)
    # Warnings go the same way: what they say may quote a mail.
    logging.captureWarnings(True)
    # It tells of every bounce that one of its detectors can't read, and the traceback repeats addresses. That is no fault.
    logging.getLogger("flufl.bounce").disabled = True


def log_uncaught_errors() -> None:
    """From now on an exception that nobody caught is logged by its class and place; its text may hold mail."""
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def _log_uncaught(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger().error("unexpected_error", place=place_of(error))


def _log_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)
