"""Puts the demo on: servers and settings of its own, the sample mail, and then a worker to play with.

Uses neither `.env` nor `config/staff.toml`, and leaves nothing behind.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import TextIOWrapper

from rich.console import Console

from helpdesk.demo.live_scene import play_live, show_doors
from helpdesk.demo.post import Post
from helpdesk.demo.samples import SAMPLES
from helpdesk.demo.samples_scene import play_samples, show_samples, show_summary
from helpdesk.demo.servers import mail_servers
from helpdesk.demo.stage import OpenApplication, Stage
from helpdesk.demo.story import WIDEST, Story
from helpdesk.demo.workshop import find_checkout, settings_for, templates_of, workshop
from helpdesk.log import configure_logs
from helpdesk.settings import load_desk_settings


def run_demo(open_application: OpenApplication, *, once: bool) -> bool:
    """Show the demo on the terminal, until Ctrl-C or SIGTERM unless `once`; False when something went wrong in it.

    Raises HelpdeskError where it can't begin.
    """
    configure_logs(quiet=True)
    if isinstance(sys.stdout, TextIOWrapper):
        # A terminal that can't show a letter shows a question mark in its place.
        sys.stdout.reconfigure(errors="replace")
    console = Console(highlight=False)
    console.width = min(console.width, WIDEST)
    stop = threading.Event()
    with _set_by_signals(stop):
        return play(open_application, console, stop, once=once)


def play(open_application: OpenApplication, console: Console, stop: threading.Event, *, once: bool) -> bool:
    """The whole demo on a console, until `stop` is set."""
    checkout = find_checkout()
    with workshop(checkout) as folder:
        desk = load_desk_settings(folder, templates_of(checkout))
        with mail_servers(desk.organisation.email) as servers:
            environ = settings_for(servers, desk.organisation.email, checkout)
            story = Story(console, desk.staff)
            stage = Stage(story, Post(servers), desk, partial(open_application, folder, environ, create=True))
            _welcome(stage)
            scene = play_samples(stage)
            show_samples(stage, scene)
            show_summary(stage, scene)
            if once:
                _say_goodbye(stage)
                return not scene.faults
            if not stop.is_set():
                show_doors(stage)
            alive = play_live(stage, stop)
            stage.story.say("The demo has ended. Nothing of it was kept." if alive else "The worker could not go on.")
            return alive


@contextmanager
def _set_by_signals(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal set `stop`, so that everything is closed and removed in order."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _welcome(stage: Stage) -> None:
    stage.story.heading("The helpdesk at work")
    stage.story.say(
        f"{len(SAMPLES)} mails from invented people and machines are sent to {stage.address}. Here is what becomes of each.",
        "The mail servers live inside this process, the database in a temporary folder. Nothing leaves this machine.",
    )
    if not stage.desk.templates_dir.is_dir():
        stage.story.say("There is no folder templates here, so the built-in words are sent.")


def _say_goodbye(stage: Stage) -> None:
    stage.story.heading("What next")
    stage.story.rows(
        [
            ("play", "helpdesk demo  stays, and answers the mail that you send to it"),
            ("the words", "helpdesk templates preview acknowledgement  (they are in the folder templates)"),
            ("for real", "README.md says how to connect a real mailbox"),
        ]
    )
