"""Write the example of docs/testing.md into the files in which it says that its parts are."""

import re
from pathlib import Path

TEXT = Path(__file__).parents[1] / "docs" / "testing.md"
FILES = ("conftest.py", "test_renewal.py")

for name, code in zip(FILES, re.findall(r"```python\n(.*?)```", TEXT.read_text(), re.DOTALL), strict=True):
    Path(name).write_text(code)
