"""The names of a stage's stacks in AWS, for the app and for the operator's commands."""


def stack_name(stage: str) -> str:
    """Return the name of the stack of what a stage keeps, with which all its names begin."""
    return f"mobile-orders-{stage}"


def system_name(stage: str) -> str:
    """Return the name of the stack of what a stage does."""
    return f"{stack_name(stage)}-system"
