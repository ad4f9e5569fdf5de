"""Fixtures that everybody needs; few."""

import pytest

from portal import generation


@pytest.fixture(autouse=True)
def _no_memory_between_tests():
    """Each test begins in a process that knows no generation."""
    yield
    generation.forget()


@pytest.fixture
def steady_totals(monkeypatch):
    """Let the public numbers be fetched once, however slow the machine is.

    Their memory lapses after seconds; a page rendered then costs one query more.
    """
    monkeypatch.setattr("stats.totals.FRESH_SECONDS", float("inf"))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Only loopback may be reached."""
    import socket

    real = socket.socket.connect

    def connect(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise OSError(f"tests must not reach {address}")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
