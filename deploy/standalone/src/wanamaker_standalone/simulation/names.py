"""Made-up people and companies. Every address ends in .example or .test, so that none can be anybody's."""

from __future__ import annotations

from dataclasses import dataclass

from .dice import Dice

FIRST_NAMES = (
    "Adaline", "Barnaby", "Cordelia", "Dashiell", "Euphemia", "Fitzroy", "Guinevere", "Horatio", "Isadora", "Jolyon",
    "Kerensa", "Leopold", "Marigold", "Nathaniel", "Ottilie", "Peregrine", "Quentin", "Rosalind", "Sebastian", "Tabitha",
)  # fmt: skip
SURNAMES = (
    "Ashgrove", "Birdwhistle", "Cobblepot", "Drinkwater", "Eaglesham", "Featherstone", "Goldthwaite", "Hollowbread",
    "Inkpenny", "Jellicoe", "Kettlewell", "Lightbody", "Merryweather", "Nightingale", "Oakenfull", "Pennyfeather",
    "Quickfall", "Ravenscroft", "Silverthorne", "Thistlethwaite", "Underhill", "Vavasour", "Winterbottom", "Yellowlees",
)  # fmt: skip
TRADES = ("Joinery", "Boatworks", "Luthiers", "Carpentry", "Furniture", "Restoration", "Stairs", "Cabinets")


@dataclass(frozen=True, slots=True)
class Name:
    """`private_email` is a second address of the same person, used on another device."""

    full: str
    email: str
    private_email: str
    street: str


@dataclass(frozen=True, slots=True)
class Firm:
    company_id: str
    name: str
    domain: str


def firm(dice: Dice, prefix: str, number: int) -> Firm:
    surname, trade = dice.pick(SURNAMES), dice.pick(TRADES)
    ending = "example" if number % 2 else "test"
    return Firm(f"{prefix}-A{number}", f"{surname} {trade}", f"{surname}-{trade}-{number}.{ending}".lower())


def person(dice: Dice, employer: Firm, number: int) -> Name:
    first, last = dice.pick(FIRST_NAMES), dice.pick(SURNAMES)
    email = f"{first}.{last}.{number}@{employer.domain}"
    return Name(
        full=f"{first} {last}",
        email=email.lower() if dice.chance(0.8) else email,  # as typed: some with capitals
        private_email=f"{first}{last}{number}@post.example".lower(),
        street=f"{dice.whole(1, 240)} {dice.pick(SURNAMES)} Yard, Testford",
    )
