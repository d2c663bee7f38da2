"""A function's settings from its environment, checked when they are first needed."""

import os
from functools import cache
from typing import Self

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """A group of settings; the field ``table_name`` is the environment's ``TABLE_NAME``.

    No field has a default: a function without one of its settings fails at its first call, with an error that names
    the setting.
    """

    model_config = ConfigDict(frozen=True)

    @classmethod
    @cache
    def load(cls) -> Self:
        """Read the group from the environment, once per process.

        Raise ``pydantic.ValidationError`` with each setting that is missing or malformed.
        """
        return cls.model_validate({name: os.environ.get(name.upper()) for name in cls.model_fields})
