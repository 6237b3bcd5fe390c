"""The folders of the repository."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "wire"
"""Small blueprints, one feature of HTTP each."""
