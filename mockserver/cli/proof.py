"""Prove a contract through the HTTP server of `serve`, in this process."""

from mockserver.contract.model import Contract
from mockserver.generation.proof import Failure, prove
from mockserver.web.application import proof_application
from mockserver.web.http.in_process import InProcessServer


def prove_contract(contract: Contract) -> list[Failure]:
    """Send each operation its documented requests, and return the failures."""
    with InProcessServer(proof_application(contract)) as server:
        return prove(contract, server.send)
