"""Reads Salesforce's outbound messages: SOAP 1.1 with up to 100 notifications, each with one object and the fields chosen for it.

Whoever knows the address may send anything, so the XML is read by defusedxml: a document type, an entity or a reference to
another place ends the reading before anything is opened. Source: developer.salesforce.com, SOAP API, "Outbound Messaging".
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from wanamaker_crm_bridge.mapping import Unmappable

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
OBJECTS = "urn:sobject.enterprise.soap.sforce.com"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"

ACKNOWLEDGEMENT = (
    f'<soapenv:Envelope xmlns:soapenv="{ENVELOPE}"><soapenv:Body>'
    f'<notificationsResponse xmlns="{OUTBOUND}"><Ack>true</Ack></notificationsResponse>'
    "</soapenv:Body></soapenv:Envelope>"
)
"""What Salesforce wants to hear; a 200 with anything else counts as a failure and is sent again for 24 hours."""


@dataclass(frozen=True, slots=True)
class Notified:
    """One object as a message has it: its kind (`Opportunity`) and its fields, None for one that is empty."""

    kind: str
    record: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Message:
    organization: str | None
    notifications: list[Notified | Unmappable]
    """One that cannot be read says why; the others count."""


def read_message(body: bytes) -> Message:
    """Raises Unmappable, whose text never quotes the body."""
    root = _parse(body)
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise Unmappable("body", f"is no SOAP envelope of {ENVELOPE}")
    sent = root.find(f"{{{ENVELOPE}}}Body/{{{OUTBOUND}}}notifications")
    if sent is None:
        raise Unmappable("body", f"holds no notifications of {OUTBOUND}")
    found = sent.findall(f"{{{OUTBOUND}}}Notification")
    if not found:
        raise Unmappable("notifications", "holds no Notification")
    return Message(sent.findtext(f"{{{OUTBOUND}}}OrganizationId"), [_notified(each) for each in found])


def _parse(body: bytes) -> Element:
    """As UTF-8, which Salesforce sends: a codec would be looked for, and loaded, by the name that the sender chose."""
    parser = DefusedXMLParser(encoding="utf-8", forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(body)
        root: Element = parser.close()
    except DefusedXmlException:
        raise Unmappable("body", "has a document type or entities, which no message of Salesforce has") from None
    except ParseError as error:
        line, column = error.position
        raise Unmappable("body", f"is not XML in UTF-8 at line {line}, column {column}") from None
    return root


def _notified(notification: Element) -> Notified | Unmappable:
    sent = notification.find(f"{{{OUTBOUND}}}sObject")
    if sent is None:
        return Unmappable("sObject", "is missing")
    kind = sent.get(f"{{{_INSTANCE}}}type", "").rpartition(":")[2]
    if not kind:
        return Unmappable("sObject", "has no xsi:type")
    record: dict[str, str | None] = {}
    for field in sent:
        namespace, _, name = field.tag.removeprefix("{").rpartition("}")
        if namespace != OBJECTS:
            return Unmappable("sObject", f"has a field that is not of {OBJECTS}")
        if name in record:
            return Unmappable("sObject", "has one field twice")
        record[name] = field.text or None
    return Notified(kind, record)
