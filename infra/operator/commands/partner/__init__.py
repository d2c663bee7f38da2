"""The commands about partners: let them in and out."""

from collections.abc import Mapping

from infra.operator.arguments import Command
from infra.operator.commands.partner import add, disable, enable, move, remove, rotate, show

ACTIONS: Mapping[str, Command] = {
    "add": add,
    "show": show,
    "rotate": rotate,
    "move": move,
    "disable": disable,
    "enable": enable,
    "remove": remove,
}
