"""Puts a mutant in the place of what runs: the functions stay, and get the code of their changed selves."""

import gc
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType

from tests.mutants.making import Mutant

Pair = tuple[CodeType, CodeType]


class Originals:
    """The functions of this process as they are, found once."""

    def __init__(self, files: list[str]) -> None:
        self._sources = {file: Path(file).read_bytes() for file in files}
        self._codes = {file: _compiled(file, source) for file, source in self._sources.items()}
        self._functions: dict[tuple[str, str, int], list[FunctionType]] = {}
        paths = {str(Path(file).resolve()) for file in files}
        for function in gc.get_objects():
            if isinstance(function, FunctionType) and function.__code__.co_filename in paths:
                self._functions.setdefault(_place(function.__code__), []).append(function)

    def changed(self, mutant: Mutant) -> list[Pair]:
        """The code of each function that differs, as it is and as it would be; none if Python runs the same."""
        mutated = _compiled(mutant.file, mutant.of(self._sources[mutant.file]))
        return list(_differing(self._codes[mutant.file], mutated))

    def swap(self, mutant: Mutant) -> bool:
        """Let the functions of this process run the mutant; return whether there is one that does."""
        swaps = [
            (function, _closing_over(original.co_freevars, mutated))
            for original, mutated in self.changed(mutant)
            for function in self._functions.get(_place(original), [])
        ]
        possible = [(function, code) for function, code in swaps if function.__code__.co_freevars == code.co_freevars]
        for function, code in possible:
            function.__code__ = code
        return bool(possible)


def _closing_over(names: tuple[str, ...], code: CodeType) -> CodeType:
    """The code of a function that is given these names from around it, and needs none of them."""
    return code if code.co_freevars else code.replace(co_freevars=names)


def _compiled(file: str, source: bytes) -> CodeType:
    return compile(source, str(Path(file).resolve()), "exec", dont_inherit=True)


def _place(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _differing(original: CodeType, mutated: CodeType) -> Iterator[Pair]:
    """The pairs of code that differ, outer ones before those that lie in them."""
    if _instructions(original) != _instructions(mutated) or _constants(original) != _constants(mutated):
        yield original, mutated
    for one, other in zip(_inner(original), _inner(mutated), strict=False):
        inner = [*_differing(one, other)]
        if inner and inner[0][0] is not original:
            yield original, mutated
        yield from inner


def _instructions(code: CodeType) -> tuple[object, ...]:
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    return code.co_code, code.co_exceptiontable, *names


def _constants(code: CodeType) -> list[tuple[type, object]]:
    return [(type(each), each) for each in code.co_consts if not isinstance(each, CodeType)]


def _inner(code: CodeType) -> list[CodeType]:
    return [each for each in code.co_consts if isinstance(each, CodeType)]
