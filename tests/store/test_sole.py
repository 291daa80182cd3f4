"""Only one worker is told that it is alone."""

from __future__ import annotations

from pathlib import Path

from helpdesk.store.sole import sole_worker


def test_a_second_worker_is_told_that_it_is_not_alone_until_the_first_has_ended(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    with sole_worker(url) as first:
        assert first
        with sole_worker(url) as second:
            assert not second
    with sole_worker(url) as third:
        assert third


def test_workers_on_two_databases_are_both_alone(tmp_path: Path) -> None:
    with sole_worker(f"sqlite:///{tmp_path / 'a.db'}") as one, sole_worker(f"sqlite:///{tmp_path / 'b.db'}") as other:
        assert one
        assert other
