"""Who we are to the buyers: what stands on what leaves the house. One row in the installation."""

from dataclasses import dataclass

from crm.accounts.models import Vendor
from crm.core.db import db

THE_ONE = 1


@dataclass(frozen=True, slots=True)
class VendorFacts:
    """Our own name and how we are reached; each may be empty. The number has ten digits."""

    name: str = ""
    org_number: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""

    @property
    def number(self) -> str:
        """556036-0793."""
        return f"{self.org_number[:6]}-{self.org_number[6:]}" if self.org_number else ""

    @property
    def heading(self) -> str:
        """The name and the number, as a sheet tells who it is from."""
        return ", ".join(part for part in (self.name, self.number) if part)

    @property
    def contact(self) -> str:
        """How we are reached, on one line."""
        address = ", ".join(line.strip() for line in self.address.splitlines() if line.strip())
        return " · ".join(part for part in (address, self.phone, self.email) if part)


def row() -> Vendor | None:
    """The row, once somebody has written it. One statement."""
    return db.session.get(Vendor, THE_ONE)


def facts() -> VendorFacts:
    """Who we are, as it stands now. One statement."""
    found = row()
    if found is None:
        return VendorFacts()
    return VendorFacts(found.name, found.org_number, found.address, found.phone, found.email)


def save(found: Vendor | None, said: VendorFacts) -> Vendor:
    """Write down who we are."""
    if found is None:
        found = Vendor(id=THE_ONE)
        db.session.add(found)
    found.name, found.org_number, found.address = said.name, said.org_number, said.address
    found.phone, found.email = said.phone, said.email
    db.session.flush()
    return found
