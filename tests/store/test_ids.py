"""Ids sort in the order in which they were made."""

from __future__ import annotations

from datetime import timedelta

from helpdesk.store.ids import IdSource
from tests.store.samples import NOW


def test_ids_of_one_moment_sort_in_order() -> None:
    source = IdSource()
    ids = [source.new(NOW) for _ in range(1000)]
    assert ids == sorted(set(ids))


def test_ids_sort_on_when_the_clock_is_set_back() -> None:
    source = IdSource()
    assert source.new(NOW) < source.new(NOW - timedelta(hours=1)) < source.new(NOW + timedelta(seconds=1))


def test_two_sources_do_not_give_the_same_id() -> None:
    assert IdSource().new(NOW) != IdSource().new(NOW)
