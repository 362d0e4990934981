"""XML meant to read a file, call a server, fill the memory or mislead: refused with a word, and nothing is opened meanwhile."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crm_bridge.crms.bridge import Bridge
from tests.crm_bridge.crms.salesforce import ORGANIZATION, soap
from tests.crm_bridge.crms.salesforce_story import CONTACT, DEAL, deliver
from wanamaker_crm_bridge.dialects import DIALECTS
from wanamaker_crm_bridge.mapping import Context, Mapped, Webhook

GOOD = ("Opportunity", {"Id": DEAL, "SystemModstamp": "2026-01-04T10:00:00.000Z", "StageName": "Prospecting"})
MESSAGE = soap(GOOD)
BODY = MESSAGE.partition(b"\n")[2]
DTD = "has a document type or entities"

_watching = False
_opened: list[str] = []


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if _watching and (event in ("open", "os.open") or event.startswith(("socket.", "urllib.", "subprocess."))):
        _opened.append(f"{event} {args[:1]}")


sys.addaudithook(_watch)


@pytest.fixture
def nothing_is_opened() -> Iterator[None]:
    global _watching
    map_xml(MESSAGE)  # what is imported late is imported now
    map_xml(b"<!DOCTYPE a><a/>")
    _opened.clear()
    _watching = True
    yield
    _watching = False
    assert _opened == []


def map_xml(body: bytes, **headers: str) -> Mapped:
    webhook = Webhook(
        "w", "salesforce", "m", 1_767_607_200_000_000, body, headers={"content-type": "text/xml", **headers}
    )
    return DIALECTS["salesforce"](webhook, Context(bytes(32)))


def laughs(levels: int) -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels))
    return f'<!DOCTYPE a [<!ENTITY l0 "secret">{entities}]>'.encode()


ATTACKS = {
    "a file": (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + BODY.replace(b"Prospecting", b"&x;"), DTD),
    "an address": (
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]>' + BODY.replace(b"Prospecting", b"&x;"),
        DTD,
    ),
    "a parameter": (b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/"> %x;]>' + BODY, DTD),
    "a DTD elsewhere": (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">' + BODY, DTD),
    "a DTD with a public name": (b'<!DOCTYPE a PUBLIC "-//x" "file:///etc/passwd">' + BODY, DTD),
    "a bare DTD": (b"<!DOCTYPE a>" + BODY, DTD),
    "a billion laughs": (laughs(9) + BODY.replace(b"Prospecting", b"&l8;"), DTD),
    "a quadratic one": (
        b'<!DOCTYPE a [<!ENTITY x "' + b"secret" * 9999 + b'">]>' + BODY.replace(b"Prospecting", b"&x;" * 9999),
        DTD,
    ),
    "an entity of nobody": (BODY.replace(b"Prospecting", b"&secret;"), "is not XML in UTF-8 at line"),
    "an inclusion": (
        BODY.replace(b"Prospecting", b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>'),
        None,
    ),
    "a stylesheet": (b'<?xml-stylesheet href="http://127.0.0.1:9/a.xsl" type="text/xsl"?>' + BODY, None),
    "a schema": (
        BODY.replace(b"<soapenv:Body", b'<soapenv:Body xsi:schemaLocation="x http://127.0.0.1:9/a.xsd"', 1),
        None,
    ),
    "depth": (b"<a>" * 100_000 + b"</a>" * 100_000, "is no SOAP envelope"),
    "many attributes": (b"<a " + b" ".join(b'a%d=""' % n for n in range(20_000)) + b"/>", "is no SOAP envelope"),
    "an unknown encoding": (b'<?xml version="1.0" encoding="secret"?>' + BODY, None),
    "UTF-7": (b'<?xml version="1.0" encoding="utf-7"?>' + BODY, None),
    "UTF-16": (BODY.decode().encode("utf-16"), None),
    "Latin 1": (BODY.replace(b"Prospecting", b"\xe4"), "is not XML in UTF-8 at line"),
    "NUL": (BODY.replace(b"Prospecting", b"\x00"), "is not XML in UTF-8 at line"),
    "a lone surrogate": (BODY.replace(b"Prospecting", b"&#xD800;"), "is not XML in UTF-8 at line"),
    "no XML": (b"secret", "is not XML in UTF-8 at line 1, column 0"),
    "nothing": (b"", "is not XML in UTF-8 at line 1, column 0"),
    "half of it": (BODY[:-20], "is not XML in UTF-8 at line"),
    "two messages": (BODY + BODY, "is not XML in UTF-8 at line"),
    "SOAP 1.2": (
        BODY.replace(b"schemas.xmlsoap.org/soap/envelope/", b"www.w3.org/2003/05/soap-envelope"),
        "no SOAP envelope",
    ),
    "another namespace": (BODY.replace(b"2005/09/outbound", b"2005/09/inbound"), "holds no notifications of http"),
    "no notification": (soap(), "notifications holds no Notification"),
    "other objects": (
        BODY.replace(b"sobject.enterprise", b"sobject.partner"),
        "has a field that is not of urn:sobject",
    ),
    "no type": (BODY.replace(b"xsi:type", b"xsi:kind"), "sObject has no xsi:type"),
    "no object": (BODY.replace(b"sObject", b"object"), "sObject is missing"),
    "a field twice": (
        BODY.replace(b"<sf:StageName>", b"<sf:StageName>Lost</sf:StageName><sf:StageName>"),
        "sObject has one field twice",
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.usefixtures("nothing_is_opened")
def test_an_attack_opens_nothing_and_is_told_without_its_words(name: str) -> None:
    body, reason = ATTACKS[name]
    mapped = map_xml(body)
    if reason is None:
        assert not mapped.failures
        return
    (failure,) = mapped.failures
    assert reason in failure.reason
    assert not any(word in failure.reason for word in ("secret", "passwd", "127.0.0.1", "Prospecting", DEAL))
    assert mapped.events == ()


def test_the_message_that_the_attacks_are_made_of_is_good() -> None:
    (event,) = map_xml(MESSAGE).events
    assert event.type == "deal.revised"
    assert map_xml(b"\xef\xbb\xbf" + MESSAGE).events == (event,)


async def test_an_attack_is_kept_acknowledged_and_told(deaf_bridge: Bridge) -> None:
    """A 4xx would bring it back for 24 hours, and the next good message is not held up."""
    attacks = [body for body, reason in ATTACKS.values() if reason is not None and body]
    await deliver(deaf_bridge, *attacks, MESSAGE)
    await deaf_bridge.settle()
    assert len(await deaf_bridge.failures()) == len(attacks)
    assert len(await deaf_bridge.facts()) == 1


async def test_ten_megabytes_are_refused_before_they_are_read(deaf_bridge: Bridge) -> None:
    body = MESSAGE.replace(b"Prospecting", b"x" * 10_000_000)
    answer = await deaf_bridge.client.post(
        "/webhooks/salesforce/any", content=body, headers={"content-type": "text/xml"}
    )
    assert answer.status_code == 413
    assert answer.json()["detail"] == "A webhook has at most 1000000 bytes."


@given(st.binary(max_size=200))
def test_no_bytes_raise(body: bytes) -> None:
    for kind in ("text/xml", "application/json", ""):
        mapped = map_xml(body, **{"content-type": kind})
        assert mapped.failures or body.strip() in (b"[]",)
        assert mapped.events == ()


@given(st.data())
def test_no_message_that_was_damaged_raises(data: st.DataObject) -> None:
    message = soap(GOOD, ("Contact", {"Id": CONTACT, "Email": "a@example.com"}), organization=ORGANIZATION)
    at = data.draw(st.integers(0, len(message)))
    until = data.draw(st.integers(at, min(len(message), at + 40)))
    map_xml(message[:at] + data.draw(st.binary(max_size=5)) + message[until:])
