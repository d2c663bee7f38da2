"""ICCIDs and what a SIM needs to be loaded (contract §7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from functions.sim_profiles.sim_profile import luhn_digit, luhn_valid
from infra.operator.sim_entries import SIM, EsimEntry, PhysicalSimEntry

ICCID = "8949200000000010015"
DIGITS = st.text(alphabet="0123456789", min_size=1, max_size=30)


@given(DIGITS)
def test_one_check_digit_fits(digits: str) -> None:
    assert [digit for digit in "0123456789" if luhn_valid(digits + digit)] == [luhn_digit(digits)]


@given(DIGITS, st.data())
def test_one_wrong_digit_is_noticed(digits: str, data: st.DataObject) -> None:
    number = digits + luhn_digit(digits)
    position = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[position]]))
    assert not luhn_valid(number[:position] + other + number[position + 1 :])


@pytest.mark.parametrize("number", ["79927398713", "4539578763621486"])
def test_known_numbers_are_valid(number: str) -> None:
    assert luhn_valid(number)


@pytest.mark.parametrize(
    "iccid",
    [
        "8949200000000010016",
        "894920000000001001",
        "89492000000000100157",
        "7949200000000010018",
        "89492000000000100I5",
        f"{ICCID}\n",
        "٨٩49200000000010015",
        "",
    ],
)
def test_a_bad_iccid_is_refused(iccid: str) -> None:
    with pytest.raises(ValidationError):
        PhysicalSimEntry(iccid=iccid, activation_code="CODE")


@pytest.mark.parametrize(
    "entry",
    [
        {"sim_type": "esim", "iccid": ICCID, "matching_id": "M"},
        {"sim_type": "esim", "iccid": ICCID, "smdp_address": "smdp.example"},
        {
            "sim_type": "esim",
            "iccid": ICCID,
            "matching_id": "M",
            "smdp_address": "smdp.example",
            "activation_code": "C",
        },
        {"sim_type": "psim", "iccid": ICCID},
        {"sim_type": "psim", "iccid": ICCID, "activation_code": "C" * 101},
        {"iccid": ICCID, "activation_code": "C"},
    ],
)
def test_a_sim_has_what_its_type_needs_and_no_more(entry: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SIM.validate_python(entry)


def test_good_sims_pass() -> None:
    esim = {"sim_type": "esim", "iccid": ICCID, "matching_id": "M", "smdp_address": "smdp.example"}
    assert isinstance(SIM.validate_python(esim), EsimEntry)
    assert isinstance(
        SIM.validate_python({"sim_type": "psim", "iccid": ICCID, "activation_code": "C"}), PhysicalSimEntry
    )
