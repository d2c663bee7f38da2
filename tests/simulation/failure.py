"""What a world has done that it must not do."""


class Wrong(BaseException):
    """A rule is broken; no function may catch it."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(f"{rule}: {detail}")
        self.rule = rule
        """The same for every way in which it can be broken."""


def demand(holds: object, rule: str, detail: object = "") -> None:
    """Raise :class:`Wrong` if the rule does not hold."""
    if not holds:
        raise Wrong(rule, str(detail))
