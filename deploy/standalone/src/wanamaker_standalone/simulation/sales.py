"""What becomes of leads in the CRM: lifecycles, deals through their stages, merges, refunds, reopened and deleted deals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from . import company
from .crm import Journal, euros, rfc3339
from .dice import Dice
from .leads import MERGE_WITHIN, Lead


@dataclass(slots=True)
class Deal:
    """A deal as it stands at the simulation's end. Money in cents."""

    deal_id: str
    people: list[Lead]
    won_at: datetime | None = None
    amount: int = 0
    refunds: int = 0
    """Negative."""
    exists: bool = True

    @property
    def revenue(self) -> int:
        return self.amount + self.refunds if self.won_at and self.exists else 0


@dataclass(slots=True)
class Sales:
    """The firm's story in the CRM, written into the journal as it goes."""

    dice: Dice
    journal: Journal
    prefix: str
    deals: list[Deal] = field(default_factory=list)

    def tell(self, leads: list[Lead]) -> None:
        known = sorted((lead for lead in leads if lead.known_at), key=_since)
        for lead in known:
            self._enter(lead)
        if known and self.dice.chance(0.55):
            self._negotiate(known, _since(known[0]) + self._days(1, 6))

    def _enter(self, lead: Lead) -> None:
        at = _since(lead) + timedelta(minutes=self.dice.whole(1, 20))
        self.journal.contact(at, lead, "lead")
        if self.dice.chance(0.6):
            self.journal.contact(at + self._days(0, 3), lead, "mql")
        if lead.private_at:
            second = lead.contact_id + "-b"
            found = lead.private_at + timedelta(minutes=self.dice.whole(1, 20))
            contact = {"id": second, "emails": [lead.name.private_email], "lifecycle": "lead"}
            self.journal.write(found, "contact.updated", contact=contact)
            merged = lead.private_at + timedelta(hours=self.dice.between(2, MERGE_WITHIN / timedelta(hours=1)))
            self.journal.write(merged, "contact.merged", **{"from": second, "into": lead.contact_id})

    def _negotiate(self, known: list[Lead], at: datetime) -> None:
        """Open, propose, and end; each step names everybody known at the firm by then."""
        buyer = known[0]
        deal = Deal(f"{self.prefix}-D{buyer.number}", _by(known, at))
        opened = self.journal.deal(
            at,
            deal.deal_id,
            deal.people,
            name=f"{buyer.firm.name}: tools",
            stage="qualified",
            status="open",
            currency=company.CURRENCY,
            created_at=rfc3339(at),
            company={"id": buyer.firm.company_id, "domain": buyer.firm.domain},
        )
        if not opened:
            return
        self.deals.append(deal)
        self.journal.contact(at + timedelta(minutes=3), buyer, "sql")
        if self.dice.chance(0.05):
            self._double(deal, at)
        at += self._days(2, 7)
        amount = self.dice.whole(60_000, 480_000)
        people = _by(known, at)
        if not self.journal.deal(at, deal.deal_id, people, stage="proposal", amount=euros(amount)):
            return
        deal.people, deal.amount = people, amount
        self.journal.contact(at + timedelta(minutes=3), buyer, "opportunity")
        if self.dice.chance(0.03):
            self._delete(deal, at + self._days(1, 2))
        else:
            self._close(deal, buyer, at + self._days(2, 12))

    def _close(self, deal: Deal, buyer: Lead, at: datetime) -> None:
        if self.dice.chance(company.WIN_CHANCE[buyer.first_channel]):
            if self.dice.chance(0.1) and self._lose(deal, at):
                at += self._days(3, 9)
                if not self._reopen(deal, at):
                    return
                at += self._days(2, 6)
            self._win(deal, buyer, at)
        else:
            self._lose(deal, at)

    def _win(self, deal: Deal, buyer: Lead, at: datetime) -> None:
        won = self.journal.deal(at, deal.deal_id, stage="closed_won", status="won", closed_at=rfc3339(at))
        if not won:
            return
        deal.won_at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        self.journal.contact(at + timedelta(minutes=3), buyer, "customer")
        if self.dice.chance(0.03):
            cancelled = at + self._days(2, 5)
            if self._reopen(deal, cancelled):
                self._lose(deal, cancelled + self._days(1, 3))
        elif self.dice.chance(0.1):
            self._refund(deal, buyer, at + self._days(4, 15))

    def _refund(self, deal: Deal, buyer: Lead, at: datetime) -> None:
        whole = self.dice.chance(0.15)
        amount = deal.amount if whole else deal.amount * self.dice.whole(10, 50) // 100
        adjustment = {
            "id": f"{deal.deal_id}-R1",
            "deal_id": deal.deal_id,
            "amount": euros(-amount),
            "currency": company.CURRENCY,
            "at": at.date().isoformat(),
        }
        if self.journal.write(at, "revenue.adjusted", adjustment=adjustment):
            deal.refunds = -amount
            if whole:
                self.journal.contact(at + timedelta(minutes=3), buyer, "churned")

    def _lose(self, deal: Deal, at: datetime) -> bool:
        return self.journal.deal(at, deal.deal_id, stage="closed_lost", status="lost", closed_at=rfc3339(at))

    def _reopen(self, deal: Deal, at: datetime) -> bool:
        happened = self.journal.deal(at, deal.deal_id, stage="negotiation", status="open", closed_at=None)
        if happened:
            deal.won_at = None
        return happened

    def _delete(self, deal: Deal, at: datetime) -> None:
        """Thrown away by mistake or rightly; a mistake is noticed the next day."""
        deal.exists = not self.journal.write(at, "deal.deleted", deal={"id": deal.deal_id})
        if self.dice.chance(0.4):
            deal.exists |= self.journal.write(at + self._days(1, 2), "deal.restored", deal={"id": deal.deal_id})

    def _double(self, deal: Deal, at: datetime) -> None:
        """A colleague enters the deal again; found out within hours, and merged."""
        double, found = deal.deal_id + "-b", at + timedelta(hours=self.dice.between(1, 40))
        if self.journal.write(found, "deal.merged", **{"from": double, "into": deal.deal_id}):
            entered = at + timedelta(minutes=self.dice.whole(1, 50))
            self.journal.deal(entered, double, deal.people, stage="qualified", status="open", amount="100.00")

    def _days(self, low: float, high: float) -> timedelta:
        return timedelta(seconds=int(86_400 * self.dice.between(low, high)))


def _since(lead: Lead) -> datetime:
    assert lead.known_at is not None
    return lead.known_at


def _by(known: list[Lead], at: datetime) -> list[Lead]:
    return [lead for lead in known if _since(lead) < at]
