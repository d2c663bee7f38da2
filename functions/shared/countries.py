"""Countries as contract §1 names them."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from functions.shared.refusals import Code
from functions.shared.shapes import AtMost

ISO_3166_1 = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ
    BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ
    DE DJ DK DM DO DZ
    EC EE EG EH ER ES ET
    FI FJ FK FM FO FR
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY
    HK HM HN HR HT HU
    ID IE IL IM IN IO IQ IR IS IT
    JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ
    LA LB LC LI LK LR LS LT LU LV LY
    MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ
    NA NC NE NF NG NI NL NO NP NR NU NZ
    OM
    PA PE PF PG PH PK PL PM PN PR PS PT PW PY
    QA
    RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ
    TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
    UA UG UM US UY UZ
    VA VC VE VG VI VN VU
    WF WS
    YE YT
    ZA ZM ZW
    """.split()
)
"""The officially assigned alpha-2 codes."""

COUNTRIES = ISO_3166_1 | {"AN", "XK"}
"""Also the former Netherlands Antilles, which numbering plans still name, and Kosovo, which has no ISO code."""


def _known(value: str) -> str:
    if value not in COUNTRIES:
        raise PydanticCustomError(
            Code.CONSTRAINT_VALIDATION_ERROR.value,
            "{value} is not a country code; use ISO 3166-1 alpha-2 in capital letters, AN or XK",
            {"value": repr(value[:20])},
        )
    return value


Country = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})]
"""A country's two letters."""


def _one_by_one(value: Any) -> list[str]:
    """Return the countries of a comma-separated or repeated parameter, sorted and without repeats."""
    return sorted({country for part in ([value] if isinstance(value, str) else value) for country in part.split(",")})


Countries = Annotated[
    list[Country],
    AtMost(len(COUNTRIES)),
    BeforeValidator(_one_by_one),
    PlainSerializer(",".join, return_type=str),
]
"""The countries of a filter; in links they are written with commas."""
