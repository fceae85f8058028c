"""Every error Lightkeeper raises on purpose.

Callers catch a branch: `InputError` (the caller's data), `ModelError` (the calculation),
`DeliveryError` (the outside world). A message says what, where and the next step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault found in input: where it is, what is wrong, how to mend it.

    A warning is worth a look; anything else makes the input unusable.
    """

    where: str
    what: str
    mend: str
    is_warning: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.mend}"


class LightkeeperError(Exception):
    """Root of all errors raised on purpose."""

    exit_code = 1


class InputError(LightkeeperError):
    """The caller's data is at fault."""

    exit_code = 2


class ReportUnreadable(InputError):
    """A report file cannot be read as text."""

    def __init__(self, path: str, reason: str, mend: str) -> None:
        self.path, self.reason, self.mend = path, reason, mend
        super().__init__(f'report "{path}": {reason}; {mend}')


class PlaceUnknown(InputError):
    """A place is not in the gazetteer or not in the region."""

    def __init__(self, name: str, mend: str) -> None:
        self.name, self.mend = name, mend
        super().__init__(f'place "{name}" is not known; {mend}')


class DataInvalid(InputError):
    """A folder or file of the model has faults; all of them are in `problems`."""

    def __init__(self, what: str, problems: Sequence[Problem]) -> None:
        self.what, self.problems = what, tuple(problems)
        lines = "\n".join(f"  - {p}" for p in self.problems)
        super().__init__(f"{what}: {len(self.problems)} problem(s)\n{lines}")


class NetworkInvalid(DataInvalid):
    """The network tables have faults."""


class RegionInvalid(DataInvalid):
    """The region tables have faults."""


class ExtraMissing(InputError):
    """An optional package is needed for what was asked."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package, self.extra, self.purpose = package, extra, purpose
        super().__init__(
            f'{purpose} needs the package "{package}"; '
            f"install it with: pip install 'lightkeeper[{extra}]'"
        )


class NotFound(InputError):
    """What is named is not in the log or in the picture."""


class NotAllowed(InputError):
    """The audience, the missing approval or the exercise rule forbids it."""


class ModelError(LightkeeperError):
    """The calculation cannot give an answer."""

    exit_code = 3


class PowerFlowDiverged(ModelError):
    """A power flow has no solution."""

    def __init__(self, island: int, iterations: int) -> None:
        self.island, self.iterations = island, iterations
        super().__init__(f"island {island}: no power flow solution after {iterations} iterations")


class IslandInfeasible(ModelError):
    """An island cannot be balanced even with everything that may be shed off."""

    def __init__(self, island: int, deficit_mw: float) -> None:
        self.island, self.deficit_mw = island, deficit_mw
        super().__init__(f"island {island} lacks {deficit_mw:.1f} MW with everything shed")


class NoScenarioFits(ModelError):
    """No drawn damage scenario agrees with what is observed."""

    def __init__(self, districts: Sequence[str]) -> None:
        self.districts = tuple(districts)
        super().__init__(
            "no damage scenario agrees with the observations in: "
            + ", ".join(self.districts)
            + "; check the observation, or the assets and feeders of the district"
        )


class DeliveryError(LightkeeperError):
    """The outside world did not take what was sent, or the store is busy."""

    exit_code = 4


class StoreBusy(DeliveryError):
    """Another process holds the database."""
