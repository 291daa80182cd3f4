"""Ports that tests draw are theirs, also while other processes test."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.ports import FIRST, SLICE, free_ports

ROOT = Path(__file__).resolve().parents[2]


def test_others_see_that_they_are_taken() -> None:
    (port,) = free_ports(1)
    with socket.socket() as sock, pytest.raises(OSError, match="in use"):
        sock.bind(("127.0.0.1", FIRST + (port - FIRST) // SLICE * SLICE))


def test_another_process_draws_others() -> None:
    drawn = [sys.executable, "-c", "from tests.servers.ports import free_ports; print(*free_ports(1))"]
    theirs = int(subprocess.run(drawn, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    (ours,) = free_ports(1)
    assert (theirs - FIRST) // SLICE != (ours - FIRST) // SLICE


def test_one_that_is_used_is_passed_over() -> None:
    (port,) = free_ports(1)
    with socket.create_server(("127.0.0.1", port)):
        # So many that each of the others comes round.
        assert port not in free_ports(SLICE)


def test_one_that_is_given_back_comes_round_again() -> None:
    (port,) = free_ports(1)
    assert port in free_ports(SLICE)
