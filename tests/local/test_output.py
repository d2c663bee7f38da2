"""What is printed keeps nobody waiting (README): text that nobody reads is dropped, and counted."""

import io
from threading import Event

from infra.local.output import Output, dropped


class Pipe(io.StringIO):
    """Takes nothing before it is read from."""

    def __init__(self) -> None:
        super().__init__()
        self.read_from = Event()

    def write(self, text: str) -> int:
        assert self.read_from.wait(10)
        return super().write(text)


def test_everything_is_written_in_its_order() -> None:
    stream = io.StringIO()
    output = Output(stream, str)
    for number in range(1000):
        output.write(f"{number}\n")
    output.drain(10)
    assert stream.getvalue().split() == [str(number) for number in range(1000)]


def test_what_finds_no_room_is_dropped_and_counted_where_it_is_missing() -> None:
    pipe = Pipe()
    output = Output(pipe, lambda count: f"-{count}\n", lines=3)
    for number in range(10):
        output.write(f"{number}\n")
    output.drain(0.01)
    pipe.read_from.set()
    output.drain(10)
    output.write("after\n")
    output.drain(10)
    lines = pipe.getvalue().split()
    *first, count, last = lines
    assert first == [str(number) for number in range(len(first))]
    assert 3 <= len(first) <= 4, "three wait, and one may be on its way"
    assert (int(count), last) == (len(first) - 10, "after")


class Gone(io.StringIO):
    """A pipe whose reader has ended."""

    tries = 0

    def write(self, _text: str) -> int:
        self.tries += 1
        raise BrokenPipeError


def test_a_reader_that_is_gone_is_no_failure() -> None:
    stream = Gone()
    output = Output(stream, str)
    for _ in range(2):
        output.write("lost\n")
        output.drain(10)
    assert stream.tries == 2


def test_the_line_about_dropped_ones_has_the_form_of_the_others() -> None:
    assert dropped("info", 2) == "2 lines were dropped, because the lines before them were not read\n"
    assert dropped("json", 2).startswith('{"level": "WARNING", "message": "2 lines were dropped')
