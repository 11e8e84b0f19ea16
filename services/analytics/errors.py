"""The failures of analytics, each with the public reason that clients see."""

from chassis.errors import NotImplementedYet


class FiguresNotBuilt(NotImplementedYet):
    """The warehouse that figures come from is not there yet."""

    def __init__(self) -> None:
        super().__init__("Figures over time are not available yet; a goal's progress has its adherence and streak.")
