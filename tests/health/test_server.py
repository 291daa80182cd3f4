"""What a monitor is answered, over a real connection."""

from __future__ import annotations

import http.client
import io
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from helpdesk.health import answering, server
from helpdesk.health.server import AT_ONCE, HealthServer
from helpdesk.log import configure_logs
from helpdesk.model.health import AlarmName, Figures, WatchPolicy
from tests.servers.ports import free_ports


class Service:
    """A server over figures that a test may change."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.figures = Figures()
        self.server = HealthServer(host, 0, lambda: self.figures)

    def ask(self, path: str, method: str = "GET") -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("localhost", self.server.port, timeout=30)
        with closing(connection):
            connection.request(method, path)
            answer = connection.getresponse()
            assert answer.headers["Server"] == "helpdesk"
            return answer.status, answer.read()

    def metrics(self) -> dict[tuple[str, tuple[str, ...]], float]:
        families = text_string_to_metric_families(self.ask("/metrics")[1].decode())
        return {(sample.name, tuple(sample.labels.values())): sample.value for family in families for sample in family.samples}


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.server.close()


def test_health_is_ok_while_no_alarm_stands(service: Service) -> None:
    assert service.ask("/healthz") == (200, b'{"status": "ok"}')
    assert service.ask("/healthz?verbose=1")[0] == 200


def test_health_names_the_alarms_that_stand(service: Service) -> None:
    service.figures = Figures(alarms=("mail-waits", "quarantine"))
    status, body = service.ask("/healthz")
    assert status == 503
    assert json.loads(body) == {"status": "alarm", "alarms": ["mail-waits", "quarantine"]}


def test_a_head_request_gets_the_status_alone(service: Service) -> None:
    assert service.ask("/healthz", "HEAD") == (200, b"")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/", 404), ("GET", "/../etc/passwd", 404), ("POST", "/healthz", 501)]
)
def test_nothing_else_is_answered(service: Service, method: str, path: str, status: int) -> None:
    assert service.ask(path, method)[0] == status


def test_metrics_hold_every_figure(service: Service) -> None:
    service.figures = Figures(
        alarms=("quarantine",),
        messages={"stored": 2, "quarantined": 1},
        outbox={"pending": 3, "held": 0, "failed": 4},
        oldest_waiting=timedelta(minutes=2),
        last_poll_at=datetime(2026, 11, 2, 11, 0, tzinfo=UTC),
        polls=10,
        failed_polls=2,
        deliveries={"sent": 5, "transient": 1},
    )
    found = service.metrics()
    assert found["helpdesk_messages", ("quarantined",)] == 1
    assert found["helpdesk_outbox", ("pending",)] == 3
    assert found["helpdesk_outbox_oldest_seconds", ()] == 120
    assert found["helpdesk_last_poll_timestamp_seconds", ()] == 1793617200
    assert found["helpdesk_polls_total", ("ok",)] == 10
    assert found["helpdesk_polls_total", ("failed",)] == 2
    assert found["helpdesk_deliveries_total", ("sent",)] == 5
    assert found["helpdesk_alarm", ("quarantine",)] == 1
    assert sum(value for (name, _), value in found.items() if name == "helpdesk_alarm") == 1
    assert len([name for name, _ in found if name == "helpdesk_alarm"]) == len(AlarmName)


def test_metrics_stand_before_anything_was_done(service: Service) -> None:
    found = service.metrics()
    assert found["helpdesk_outbox_oldest_seconds", ()] == 0
    assert ("helpdesk_last_poll_timestamp_seconds", ()) not in found


def test_a_client_that_speaks_nonsense_or_goes_away_harms_nothing(service: Service, capfd: pytest.CaptureFixture[str]) -> None:
    for words in (b"\x16\x03\x01\x02\x00", b"GET /metrics HTTP/1.1\r\n", b""):
        with socket.create_connection(("127.0.0.1", service.server.port), timeout=30) as sock:
            sock.sendall(words)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert service.ask("/healthz")[0] == 200
    assert "127.0.0.1" not in "".join(capfd.readouterr())


def test_only_a_few_are_answered_at_once_and_the_next_as_soon_as_there_is_room(service: Service) -> None:
    with ExitStack() as stack:
        crowd = [
            stack.enter_context(socket.create_connection(("127.0.0.1", service.server.port), timeout=30))
            for _ in range(AT_ONCE)
        ]
        with socket.create_connection(("127.0.0.1", service.server.port), timeout=30) as turned_away:
            assert turned_away.recv(100) == b""
        for each in crowd:
            each.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert all(each.recv(100).startswith(b"HTTP/1.0 200") for each in crowd)
        for each in crowd:
            while each.recv(4096):
                pass
    assert service.ask("/healthz")[0] == 200


def test_who_drips_a_question_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "PATIENCE", 0.2)
    service = Service()
    with closing(service.server), socket.create_connection(("127.0.0.1", service.server.port), timeout=0.05) as sock:
        sock.sendall(b"GET /healthz HTTP/1.0\r\nX-")
        assert any(_is_hung_up_after_a_byte(sock) for _ in range(600))


def _is_hung_up_after_a_byte(sock: socket.socket) -> bool:
    """Whether the other side ends the connection within the socket's timeout after one more byte."""
    try:
        sock.sendall(b"x")
        return sock.recv(100) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_a_fault_of_ours_is_logged_by_its_place_alone() -> None:
    log = io.StringIO()
    configure_logs(stream=log)

    def figures() -> Figures:
        raise ValueError("sam@example.org")

    health = HealthServer("127.0.0.1", 0, figures)
    connection = http.client.HTTPConnection("127.0.0.1", health.port, timeout=30)
    with closing(connection):
        connection.request("GET", "/healthz")
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
    health.close()
    assert "event=health_failed" in log.getvalue()
    assert "sam@" not in log.getvalue()


def test_an_address_of_the_newer_kind_is_taken() -> None:
    try:
        service = Service("::1")
    except OSError:
        pytest.skip("this machine has no IPv6: listening on ::1 WAS NOT TRIED")
    with closing(service.server), socket.create_connection(("::1", service.server.port), timeout=30) as sock:
        sock.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert sock.recv(4096).startswith(b"HTTP/1.0 200")


def test_a_port_that_is_taken_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    log = io.StringIO()
    configure_logs(stream=log)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with answering(WatchPolicy(port=port), Figures):
            pass
    assert f"port {port}" in capsys.readouterr().err
    assert f"event=health_not_served port={port}" in log.getvalue()


def test_an_address_of_another_machine_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with answering(WatchPolicy(host="192.0.2.1", port=free_ports(1)[0]), Figures):
        pass
    assert "Mail flows all the same" in capsys.readouterr().err


def test_the_service_answers_while_the_worker_runs_and_no_longer() -> None:
    (port,) = free_ports(1)
    with answering(WatchPolicy(port=port), Figures):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with closing(connection):
            connection.request("GET", "/healthz")
            assert connection.getresponse().status == 200
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=30)


def test_port_0_is_nowhere() -> None:
    with answering(WatchPolicy(), Figures):
        pass
