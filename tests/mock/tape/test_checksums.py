"""Numbers with a check digit: the examples of the IBAN registry (SWIFT, ISO 13616), and what is not one."""

from __future__ import annotations

from tests.support.many_cases import for_each

from chatgptfree_mock.tape.checksums import is_iban

EXAMPLES = [
    "AD1200012030200359100100",
    "AL47212110090000000235698741",
    "AT611904300234573201",
    "BE68539007547034",
    "BG80BNBG96611020345678",
    "CH9300762011623852957",
    "CY17002001280000001200527600",
    "CZ6508000000192000145399",
    "DE89370400440532013000",
    "DK5000400440116243",
    "EE382200221020145685",
    "ES9121000418450200051332",
    "FI2112345600000785",
    "FR1420041010050500013M02606",
    "GB29NWBK60161331926819",
    "GI75NWBK000000007099453",
    "GR1601101250000000012300695",
    "HR1210010051863000160",
    "HU42117730161111101800000000",
    "IE29AIBK93115212345678",
    "IL620108000000099999999",
    "IS140159260076545510730339",
    "IT60X0542811101000000123456",
    "KW81CBKU0000000000001234560101",
    "LI21088100002324013AA",
    "LT121000011101001000",
    "LU280019400644750000",
    "LV80BANK0000435195001",
    "MC5811222000010123456789030",
    "MD24AG000225100013104168",
    "ME25505000012345678951",
    "MK07250120000058984",
    "MT84MALT011000012345MTLCAST001S",
    "NL91ABNA0417164300",
    "NO9386011117947",
    "PL61109010140000071219812874",
    "PT50000201231234567890154",
    "RO49AAAA1B31007593840000",
    "RS35260005601001611379",
    "SA0380000000608010167519",
    "SE4550000000058398257466",
    "SI56263300012039086",
    "SK3112000000198742637541",
    "SM86U0322509800000000270100",
    "TN5910006035183598478831",
    "TR330006100519786457841326",
]


@for_each("iban", EXAMPLES)
def test_an_example_of_the_registry_is_an_iban(iban: str) -> None:
    assert is_iban(iban)


@for_each("iban", EXAMPLES)
def test_a_changed_digit_or_another_length_makes_it_none(iban: str) -> None:
    last = iban[-1]
    assert not is_iban(iban[:-1] + ("1" if last != "1" else "2"))
    assert not is_iban(iban[:-1])
    assert not is_iban(with_check_digits(iban[:2], iban[4:] + "0"))
    assert with_check_digits(iban[:2], iban[4:]) == iban


def with_check_digits(country: str, account: str) -> str:
    """Return the IBAN of *account* in *country*, whatever its length."""
    number = "".join(str(int(each, 36)) for each in account + country + "00")
    return f"{country}{98 - int(number) % 97:02}{account}"
