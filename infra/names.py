"""The name of a stage in AWS, for the stack and for the operator's commands."""


def stack_name(stage: str) -> str:
    """Return the name of a stage's stack, with which all its names begin."""
    return f"mobile-orders-{stage}"
