"""The types of events are those of the contract."""

import re

from functions.shared.event import TYPES
from tests.unit.test_citations import CONTRACT

SECTION = re.compile(r"^### Types$(.*?)^Some have more", re.MULTILINE | re.DOTALL)


def test_they_are_those_of_the_contract() -> None:
    section = SECTION.search(CONTRACT)
    assert section is not None
    assert sorted(re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", section.group(1))) == sorted(TYPES)
