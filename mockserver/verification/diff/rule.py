"""A rule of the comparison: one kind of change, with a verdict for each party."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["breaks", "may break", "safe"]
View = Literal["app", "server", "mock"]
VIEWS: tuple[View, ...] = ("app", "server", "mock")

B: Verdict = "breaks"
M: Verdict = "may break"
S: Verdict = "safe"

MOCK_FILES = {"F": "fixtures", "S": "scenarios", "E": "effects and lifecycles"}
"""Letter of the mock column to the files that it stands for."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A case of a rule with other verdicts."""

    name: str
    app: Verdict
    server: Verdict
    condition: str
    """When the verdicts apply, for the documentation."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of change."""

    id: str
    change: str
    """What changed, in a few words."""
    app: Verdict
    server: Verdict
    mock: str
    """Letters of `MOCK_FILES`."""
    explanation: str
    """The reason for the verdicts, for the documentation."""
    advice: str
    """The sentence that states what to do."""
    mirror: str = ""
    """The rule of the same pair with OLD and NEW swapped. Default: the same rule."""
    variants: tuple[Variant, ...] = ()
    is_counted: bool = True
    """Whether it is part of the counts. The others are only reported."""

    def verdict(self, view: View, variant: str = "") -> Verdict:
        """Return the verdict of one party.

        Args:
            view: The party. For the mock server, a file that needs an edit counts as `breaks`.
            variant: The name of the variant; empty for the rule itself.
        """
        if view == "mock":
            return B if self.mock and self.is_counted else S
        row: Rule | Variant = self
        for candidate in self.variants:
            if candidate.name == variant:
                row = candidate
        return row.app if view == "app" else row.server
