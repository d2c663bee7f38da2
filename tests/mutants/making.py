"""Makes the mutants of a file: each is its text with one small change, as a slip of the hand would make it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, CodeRange, CodeSpan, MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_match

UNCHANGED = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom)
SENTENCE = re.compile(r"[A-Za-z][\w',.;:-]*( [\w',.;:-]+)+")
"""What is said to people, in contrast to what a machine reads: its words are free."""
NEEDS_ALL = {"len", "isinstance", "cast", "report_failure"}
"""Calls whose arguments are needed for any answer, or for none, or for the log alone."""
FOR_THE_LOG = {"set_log_context", "add_log_context"}


class Mutant(NamedTuple):
    """A change of a file, named by what it changes, so that lines may be added before it."""

    file: str
    function: str
    before: str
    after: str
    number: int
    """Of several that read the same in one function."""
    lines: range
    """Of the statement."""
    start: int
    end: int
    text: bytes
    """What stands there instead."""
    code: str
    """What the whole function is, in short."""

    @property
    def name(self) -> str:
        """Its name, the same as long as the function reads the same there."""
        return f"{self.file}::{self.function}: {self.before} -> {self.after}" + f" #{self.number}" * (self.number > 1)

    def of(self, source: bytes) -> bytes:
        """The whole file with the change."""
        return source[: self.start] + self.text + source[self.end :]


def mutants_of(file: str) -> Iterator[Mutant]:
    """Make all mutants of a file."""
    source = Path(file).read_bytes()
    making = _Making()
    MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True).visit(making)
    names: Counter[tuple[str, ...]] = Counter()
    for function, code, span, lines, text in making.found:
        mutated = source[: span.start] + text + source[span.start + span.length :]
        before, after = _differing(source, mutated)
        names[function, before, after] += 1
        end = span.start + span.length
        number = names[function, before, after]
        yield Mutant(file, function, before, after, number, lines, span.start, end, text, code)


def _differing(source: bytes, mutated: bytes) -> tuple[str, str]:
    """The lines in which two texts differ, each as one line without what both have around them."""
    before, after = ([line.strip() for line in text.decode().splitlines()] for text in (source, mutated))
    while before and after and before[0] == after[0]:
        del before[0], after[0]
    while before and after and before[-1] == after[-1]:
        del before[-1], after[-1]
    return " ".join(before), " ".join(after)


class _Making(cst.CSTVisitor):  # type: ignore[misc] # libcst is not in .venv
    """Visits all that is run within a function."""

    METADATA_DEPENDENCIES = (ByteSpanPositionProvider, PositionProvider)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, CodeSpan, range, bytes]] = []
        self._names: list[str] = []
        self._depth = 0
        self._code = ""
        self._statements: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._names.append(node.name.value)
        if isinstance(node, cst.BaseStatement | cst.SimpleStatementLine):
            self._statements.append(node)
        if self._depth:
            for place, changed in changes_of(node):
                self._note(place, changed)
        return super().on_visit(node) and not isinstance(node, UNCHANGED) and not _only_logs(node)

    def on_leave(self, original_node: cst.CSTNode) -> None:
        super().on_leave(original_node)
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._names.pop()
        if isinstance(original_node, cst.BaseStatement | cst.SimpleStatementLine):
            self._statements.pop()

    def visit_FunctionDef_body(self, node: cst.FunctionDef) -> None:  # noqa: N802 - libcst's name
        if not self._depth:
            self._code = sha256(cst.Module([]).code_for_node(node).encode()).hexdigest()[:8]
        self._depth += 1

    def leave_FunctionDef_body(self, node: cst.FunctionDef) -> None:  # noqa: N802 - libcst's name
        self._depth -= 1

    def _note(self, node: cst.CSTNode, changed: cst.CSTNode | None) -> None:
        span = self.get_metadata(ByteSpanPositionProvider, node)
        statement = self.get_metadata(PositionProvider, self._statements[-1])
        place = self.get_metadata(PositionProvider, node)
        assert isinstance(span, CodeSpan)
        assert isinstance(statement, CodeRange)
        assert isinstance(place, CodeRange)
        lines = range(statement.start.line, place.end.line + 1)
        text = "" if changed is None else cst.Module([]).code_for_node(changed)
        self.found.append((".".join(self._names), self._code, span, lines, text.encode()))


def changes_of(node: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, cst.CSTNode | None]]:
    """What may stand in place of a node, or of a part of it."""
    if isinstance(node, UNCHANGED) or _only_logs(node):
        return
    for kind, operator in mutation_operators:
        if isinstance(node, kind) and operator is not operator_match:
            changes: Iterable[cst.CSTNode] = operator(node)
            yield from ((node, change) for change in _telling(node, [*changes]))
    match node:
        case cst.Expr(value=cst.Call() | cst.Yield()) | cst.Raise():
            yield node, cst.Pass()
        case cst.Return(value=cst.BaseExpression()):
            yield node, cst.Return()
        case cst.If(test=test) | cst.While(test=test) | cst.CompIf(test=test) if not isinstance(test, cst.Comparison):
            inner = test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
            yield test, cst.UnaryOperation(cst.Not(), inner)
        case cst.Match(cases=cases) if len(cases) > 1:
            yield from ((case, None) for case in cases)


def _only_logs(node: cst.CSTNode) -> bool:
    match node:
        case cst.Expr(value=value):
            return _only_logs(value)
        case cst.Call(func=cst.Attribute(value=cst.Name("logger"))):
            return True
        case cst.Call(func=cst.Name(value=name)):
            return name in FOR_THE_LOG
    return False


def _telling(node: cst.CSTNode, changes: Sequence[cst.CSTNode]) -> Sequence[cst.CSTNode]:
    """Leave out those that any test kills, or none can."""
    match node:
        case cst.Call(func=cst.Name(value=name)) if name in NEEDS_ALL:
            return []
        case cst.Call():
            return [change for change in changes if not _lacks_positional(node, change)]
        case cst.SimpleString():
            return [] if SENTENCE.fullmatch(str(node.evaluated_value)) else changes[:1]
    return changes


def _lacks_positional(call: cst.Call, change: cst.CSTNode) -> bool:
    """Whether an argument without a name is missing, which is a TypeError in nearly all cases."""
    left = call.args if not isinstance(change, cst.Call) else change.args
    missing = (arg for arg in call.args if not any(arg is each for each in left))
    return len(left) < len(call.args) and any(arg.keyword is None for arg in missing)
