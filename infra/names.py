"""What a stage is called in AWS; read where it is made and by the commands that look it up."""


def stack_name(stage: str) -> str:
    """Return the name of a stage's stack, with which all its names begin."""
    return f"mobile-orders-{stage}"
