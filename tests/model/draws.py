"""What the rules of the search draw."""

from datetime import timedelta

from hypothesis import strategies as st

PAUSES = [
    timedelta(seconds=1),
    timedelta(seconds=61),
    timedelta(minutes=6),
    *[timedelta(days=1)] * 3,
    timedelta(days=31),
]
STAGES = ["prepare", "provision", "complete", "complete", "undo", "ended", "ended", "ended"]
some = st.integers(0, 7)
"""Which one of several; taken modulo their number."""
modes = st.lists(st.sampled_from(["immediate", "first_usage", "scheduled"]), max_size=2) | st.just(["immediate"] * 13)
"""Add-ons by their mode, enough that three orders are too many."""
days = st.sampled_from([None, None, 0, 1, 2])
"""When an order is to be carried out: at once, today (at once, too), or in this number of days."""
twice = st.integers(1, 2)
answers = st.sampled_from(["accepted", "accepted", "accepted", "rejected", "silent"])
