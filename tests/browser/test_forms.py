"""Forms: what is taken of them, what never is, and the e-mail address in the clear or hashed."""

from __future__ import annotations

import hashlib
import json

import pytest
from playwright.sync_api import Page

from wanamaker_shared.contracts.identifiers import linkable_email_key

from .conftest import Web
from .reading import brief, nothing_failed, one_sender, personal, told

pytestmark = pytest.mark.browser

ADDRESS = "Ann.Bell@Example.com"


def fill(page: Page) -> None:
    page.fill("[name=name]", "Ann Bell")
    page.fill("[name=mail]", f" {ADDRESS} ")
    page.select_option("[name=weight]", "100 kg")
    page.fill("[name=purpose]", "For our village; write to ann@bell.test or call.")
    page.check("[name=engraving]")


def test_a_form(page: Page, shop: Web) -> None:
    page.goto(shop.address("/contact.html"))
    fill(page)
    page.click("button")
    page.wait_for_url("**/thanks.html")
    events = shop.collector.until(3)
    assert brief(events) == ["page /contact.html", "form quote", "page /thanks.html"]
    form = events[1]
    assert told(form) == {
        "type": "form",
        "event": "Form Submitted",
        "form": "quote",
        "email_key": linkable_email_key(shop.collector.workspace_key, ADDRESS),
        "email_domain": "example.com",
    }
    assert personal(form) == {
        "event": "Form Submitted",
        "properties": {
            "form": "quote",
            "email": ADDRESS,
            "name": "Ann Bell",
            "weight": "100 kg",
            "purpose": "For our village; write to ann@bell.test or call.",
            "engraving": "yes",
        },
        "page": {
            "url": shop.address("/contact.html"),
            "path": "/contact.html",
            "search": "",
            "title": "Ask for a quote",
            "referrer": "",
        },
    }
    one_sender(events)
    assert nothing_failed(shop.collector)


def test_a_hashed_address_links_as_the_plain_one_and_leaves_the_browser_nowhere(page: Page, shop: Web) -> None:
    shop.put_tracker('data-email="hash"')
    page.goto(shop.address("/contact.html?from=ann.bell%40example.com"))
    fill(page)
    page.evaluate("wanamaker.identify('ann.bell@example.com', {note: 'same as Ann.Bell@Example.com'})")
    page.click("button")
    page.wait_for_url("**/thanks.html")
    events = shop.collector.until(4)
    assert brief(events) == ["page /contact.html", "identify", "form quote", "page /thanks.html"]
    key = linkable_email_key(shop.collector.workspace_key, ADDRESS)
    assert [event.get("email_key") for event in events] == [None, key, key, None]
    assert "user_id" not in events[1]
    properties = personal(events[2])["properties"]
    assert properties["email"] == hashlib.sha256(ADDRESS.lower().encode()).hexdigest()
    assert properties["purpose"] == "For our village; write to (e-mail) or call."
    sent = json.dumps([request.body for request in shop.wire.batches()]).lower()
    assert "bell@" not in sent
    assert "bell.test" not in sent
    assert "%40" not in sent


SECRETS = """
<form id="account" action="/sent">
  <input name="nickname" value="annie">
  <input name="method" value="post"><input name="id" value="7"><input name="action" value="join">
  <input name="secret_word" type="password" value="hunter2">
  <input name="password_again" type="text" value="hunter2">
  <input name="login" autocomplete="current-password" value="hunter2">
  <input name="code" autocomplete="one-time-code" value="123456">
  <input name="number" autocomplete="cc-number" value="4111">
  <input name="expiry" autocomplete="billing cc-exp" value="12/30">
  <input name="card_holder" value="ANN BELL">
  <input name="anything" value="4111 1111 1111 1111">
  <input name="phone" value="4111 1111 1111 1112">
  <input name="cvc" value="123">
  <input name="iban" value="DE02120300000000202051">
  <input name="state" type="hidden" value="abc">
  <input name="csrf_token" value="abc">
  <input name="own" data-wm-ignore value="mine">
  <div data-wm-ignore><textarea name="diary">Dear diary</textarea></div>
  <input name="off" disabled value="off">
  <input name="no" type="checkbox" value="no">
  <input name="size" type="radio" value="S"><input name="size" type="radio" value="M" checked>
  <select name="tones" multiple><option selected>c</option><option>d</option><option selected>e</option></select>
  <input name="file" type="file">
  <input name="contact" value="second@example.com">
  <input name="work_email" value="first@example.com">
  <input name="other_email" value="no address">
  <button name="button" value="go">Go</button>
</form>"""


def test_what_never_leaves_the_browser(page: Page, shop: Web) -> None:
    shop.site.more["/account.html"] = "<!doctype html><title>A</title><!-- tracker -->" + SECRETS
    page.goto(shop.address("/account.html"))
    page.click("button")
    view, form, *_ = shop.collector.until(2)  # the view too: the next test is not to find it
    assert (view["type"], form["type"], form["form"]) == ("page", "form", "account")
    assert personal(form)["properties"] == {
        "form": "account",
        "email": "first@example.com",
        "nickname": "annie",
        "method": "post",
        "id": "7",
        "action": "join",
        "phone": "4111 1111 1111 1112",
        "size": "M",
        "tones": "c, e",
    }


def test_forms_that_the_owner_leaves_out(page: Page, shop: Web) -> None:
    plain = "<form data-wm-ignore action='/sent'><input name='email' value='ann@example.com'><button>1</button></form>"
    shop.site.more["/out.html"] = f"<!doctype html><title>O</title><!-- tracker -->{plain}"
    page.goto(shop.address("/out.html"))
    page.click("button")
    page.wait_for_url("**/sent?*")
    shop.put_tracker('data-forms="off"')
    page.goto(shop.address("/contact.html"))
    fill(page)
    page.click("button")
    page.wait_for_url("**/thanks.html")
    assert brief(shop.collector.until(3)) == ["page /out.html", "page /contact.html", "page /thanks.html"]


def test_a_form_that_the_page_sends_itself(page: Page, shop: Web) -> None:
    """As applications do: the event is stopped and its default prevented."""
    shop.site.more["/own.html"] = (
        "<!doctype html><title>O</title><!-- tracker --><form><input type=email name=x value=ann@example.com><button>Go</button>"
        "</form><script>document.forms[0].onsubmit = (event) => { event.preventDefault(); event.stopPropagation(); }</script>"
    )
    page.goto(shop.address("/own.html"))
    page.click("button")
    view, form = shop.collector.until(2)
    assert (form["form"], personal(form)["properties"]) == (
        "/own.html",
        {"form": "/own.html", "email": "ann@example.com"},
    )
    assert view["sender"] == form["sender"]


def test_an_own_form_event_has_its_address_hashed_too(page: Page, shop: Web) -> None:
    shop.put_tracker('data-email="hash"')
    page.goto(shop.address("/"))
    hashed = hashlib.sha256(ADDRESS.lower().encode()).hexdigest()
    for address in (ADDRESS, hashed, "no address", "test@example.com"):
        page.evaluate("(email) => wanamaker.track('Form Submitted', {form: 'chat', email})", address)
    page.evaluate("(email) => wanamaker.identify('U1', {email})", hashed)
    events = shop.collector.until(6)[1:]
    key = linkable_email_key(shop.collector.workspace_key, ADDRESS)
    assert brief(events) == [*["form chat"] * 4, "identify"]
    assert [event.get("email_key") for event in events] == [key, key, None, None, key]


def test_a_form_whose_address_is_a_placeholder_names_nobody(page: Page, shop: Web) -> None:
    """`test@…` is nobody's, and must not make one person of all who write it."""
    for attributes in ("", 'data-email="hash"'):
        shop.put_tracker(attributes)
        page.goto(shop.address("/contact.html"))
        page.fill("[name=mail]", "Test@example.com")
        page.click("button")
        page.wait_for_url("**/thanks.html")
    forms = [event for event in shop.collector.until(6) if event.get("event") == "Form Submitted"]
    assert [(form["type"], form["form"], "email_key" in form) for form in forms] == [("form", "quote", False)] * 2


def test_lines_of_a_text_that_begin_with_an_address(page: Page, shop: Web) -> None:
    shop.put_tracker('data-email="hash"')
    page.goto(shop.address("/contact.html"))
    page.fill("[name=purpose]", "Write to\nann@bell.test\nor\tbob@bell.test")
    page.click("button")
    page.wait_for_url("**/thanks.html")
    form = shop.collector.until(3)[1]
    assert personal(form)["properties"]["purpose"] == "Write to\n(e-mail)\nor\t(e-mail)"
    assert nothing_failed(shop.collector)


FIELDS = """
<form id="many" action="/sent">
  <input name="topic" type="checkbox" value="bells" checked><input name="topic" type="checkbox" value="chimes">
  <input name="topic" type="checkbox" value="gongs" checked>
  <input name="constructor" value="Bell">
  <own-field name="stars"></own-field><own-field name="note"></own-field>
  <fieldset disabled><input name="hid" value="not sent by the browser either"></fieldset>
  <input name="number" autocomplete="CC-Number" value="4111">
  <input name="digits" value="4111.1111.1111.1111">
  <input name="securityCode" value="123"><input name="ccnumber" value="4111"><input name="cc_exp" value="12/30">
  <input name="word" type="password" value="hunter2"><button type="button" onclick="word.type = 'text'">Show</button>
  <button id="send">Go</button>
</form>
<script>
  customElements.define("own-field", class extends HTMLElement {
    static formAssociated = true;
    constructor() { super(); this.attachInternals(); }
    get name() { return this.getAttribute("name"); }
    get value() { return this.name == "stars" ? 5 : undefined; }
  });
</script>"""


def test_fields_of_all_kinds(page: Page, shop: Web) -> None:
    shop.site.more["/many.html"] = "<!doctype html><title>A</title><!-- tracker -->" + FIELDS
    page.goto(shop.address("/many.html"))
    shop.collector.until(1)
    page.click("text=Show")
    page.click("#send")
    form = shop.collector.until(2)[1]
    assert personal(form)["properties"] == {
        "form": "many",
        "topic": "bells, gongs",
        "constructor": "Bell",
        "stars": "5",
    }
