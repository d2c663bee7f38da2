"""ICCIDs and what a SIM needs to be loaded (contract §7)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from functions.sim_profiles.lpa import is_lpa, lpa_of
from functions.sim_profiles.sim_profile import SimProfile, luhn_digit, luhn_valid
from infra.operator.sim_entries import SIM, EsimEntry, PhysicalSimEntry

ICCID = "8949200000000010015"
ESIM = {"sim_type": "esim", "iccid": ICCID, "matching_id": "M", "smdp_address": "smdp.example"}
CARD = {"sim_type": "psim", "iccid": ICCID, "activation_code": "C"}
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
        "89492000000000100150",
        "8.9492E+18",
        "8,9492E+18",
        "894920000000001001\uff15",
        f"{ICCID}FF",
        f"{ICCID}\t",
        f"{ICCID}\n",
        "٨٩49200000000010015",
        "",
    ],
)
def test_a_bad_iccid_is_refused(iccid: str) -> None:
    with pytest.raises(ValidationError):
        PhysicalSimEntry(iccid=iccid, activation_code="CODE")


@pytest.mark.parametrize(
    "written",
    ["8949 2000 0000 0010 015", " 8949200000000010015 ", "8949\u00a0200000000010015", f"{ICCID}F", f"{ICCID}f"],
)
def test_an_iccid_that_is_certain_is_taken(written: str) -> None:
    assert PhysicalSimEntry(iccid=written, activation_code="CODE").iccid == ICCID


@pytest.mark.parametrize(
    ("iccid", "text"),
    [
        ("8.9492E+18", "shortened by a spreadsheet"),
        (ICCID + "0", "19 digits, not 20"),
        ("8949200000000010000", "spreadsheet rounds"),
        ("8949200000000010016", "check digit"),
        ("1234", "must be 19 digits"),
    ],
)
def test_the_refusal_says_what_to_do(iccid: str, text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        PhysicalSimEntry(iccid=iccid, activation_code="CODE")


@pytest.mark.parametrize(
    "code",
    [
        *("1.23457E+11", "1,23457E+11", "1E+11", "1.2e5"),
        *("A\0", "A\u200b", "A\u00a0B", "\u202eA", "A\nB", "A\u00adB", "\ufeffA", "A\x1b[31m", "A\u2028B"),
        *("A\u3164", "A\u2800", "\ue000", "A\ufe0f", "\ud800"),
    ],
)
def test_a_code_that_nobody_could_type_is_refused(code: str) -> None:
    for entry in (CARD | {"activation_code": code}, ESIM | {"matching_id": code}):
        with pytest.raises(ValidationError):
            SIM.validate_python(entry)


@pytest.mark.parametrize(
    ("code", "kept"), [(" C-1 ", "C-1"), ("12E45", "12E45"), ("CARD 1", "CARD 1"), ("e\u0301", "\u00e9"), ("ß", "ß")]
)
def test_other_codes_are_kept(code: str, kept: str) -> None:
    card = SIM.validate_python(CARD | {"activation_code": code})
    assert isinstance(card, PhysicalSimEntry)
    assert card.activation_code == kept


@pytest.mark.parametrize("codes", [{"pin": "427", "puk": "90817263"}, {"pin": "0427", "puk": "9.08E+07"}])
def test_zeros_that_a_spreadsheet_dropped_are_reported(codes: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="spreadsheet"):
        SIM.validate_python(ESIM | {"secret_codes": codes})


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
        ESIM | {"matching_id": "m-1"},
        ESIM | {"matching_id": ""},
        ESIM | {"matching_id": "M" * 101},
        ESIM | {"smdp_address": "smdp"},
        ESIM | {"smdp_address": "https://smdp.example"},
        ESIM | {"smdp_address": "smdp.example."},
        ESIM | {"smdp_address": "smdp.example:443"},
        ESIM | {"smdp_address": "\uff53mdp.example"},
        ESIM | {"smdp_address": "1$smdp.example$M"},
        ESIM | {"secret_codes": {"pin": "0427"}},
        ESIM | {"secret_codes": {"puk": "90817263"}},
        ESIM | {"secret_codes": {"pin": "042", "puk": "90817263"}},
        ESIM | {"secret_codes": {"pin": "042712345", "puk": "90817263"}},
        ESIM | {"secret_codes": {"pin": "042a", "puk": "90817263"}},
        ESIM | {"secret_codes": {"pin": "0427", "puk": "9081726"}},
        ESIM | {"secret_codes": {"pin": "0427", "puk": "90817263", "pin2": "0427"}},
        {"sim_type": "psim", "iccid": ICCID},
        {"sim_type": "psim", "iccid": ICCID, "activation_code": "C" * 101},
        {"iccid": ICCID, "activation_code": "C"},
    ],
)
def test_a_sim_has_what_its_type_needs_and_no_more(entry: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SIM.validate_python(entry)


@pytest.mark.parametrize("codes", [{}, {"secret_codes": None}, {"secret_codes": {"pin": "0427", "puk": "90817263"}}])
def test_good_sims_pass(codes: dict[str, object]) -> None:
    assert isinstance(SIM.validate_python(ESIM | codes), EsimEntry)
    assert isinstance(SIM.validate_python(CARD | codes), PhysicalSimEntry)


def test_neither_a_faulty_entry_nor_a_printed_one_shows_its_codes() -> None:
    codes = {"pin": "0427", "puk": "90817263"}
    shown = [repr(SIM.validate_python(ESIM | {"secret_codes": codes}))]
    for wrong in ({"pin": "0427x"}, {"puk": "90817263x"}, {"pin2": "90817263"}):
        with pytest.raises(ValidationError) as refused:
            EsimEntry.model_validate(ESIM | {"secret_codes": codes | wrong})
        shown.append(str(refused.value))
    assert not [text for text in shown if "0427" in text or "90817263" in text]


@given(
    st.from_regex(r"[0-9A-Z-]{1,100}", fullmatch=True),
    st.from_regex(r"([0-9A-Za-z]([0-9A-Za-z-]{0,20}[0-9A-Za-z])?\.){1,3}[A-Za-z]{2,20}", fullmatch=True),
)
def test_every_esim_that_is_loaded_has_an_lpa_string(matching_id: str, smdp_address: str) -> None:
    entry = EsimEntry(iccid=ICCID, matching_id=matching_id, smdp_address=smdp_address)
    facts = {"id": "simp_1", "partner": "acme", "created_at": datetime(2026, 1, 1, tzinfo=UTC)}
    assert is_lpa(lpa_of(SimProfile.model_validate(entry.model_dump() | facts)))
