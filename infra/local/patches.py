"""Replacing attributes for as long as the system runs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


@contextmanager
def replaced(owner: Any, name: str, make: Callable[[Any], Any]) -> Iterator[None]:
    """Replace the attribute's value by what ``make`` returns for it; restore it at the end."""
    original = getattr(owner, name)
    setattr(owner, name, make(original))
    try:
        yield
    finally:
        setattr(owner, name, original)


@contextmanager
def all_replaced(*patches: tuple[Any, str, Callable[[Any], Any]]) -> Iterator[None]:
    """Replace several attributes, each given as the arguments of :func:`replaced`."""
    with ExitStack() as running:
        for owner, name, make in patches:
            running.enter_context(replaced(owner, name, make))
        yield


def locked(lock: AbstractContextManager[Any]) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Return what makes a function hold the lock while it runs."""

    def make(function: Callable[..., T]) -> Callable[..., T]:
        def call(*args: Any, **options: Any) -> T:
            with lock:
                return function(*args, **options)

        return call

    return make
