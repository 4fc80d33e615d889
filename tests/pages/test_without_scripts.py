"""Every page without scripts: what can be done on it is there as links and forms (M1)."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import Site

pytestmark = pytest.mark.slow

DEAD = """() => {
  const dead = [];
  for (const button of document.querySelectorAll('button')) {
    if (!button.checkVisibility() || button.closest('dialog')) continue;
    // An explained word shows its explanation by CSS when it has the focus.
    if (button.matches('.term-word')) continue;
    if (button.type === 'submit' && (button.form || button.hasAttribute('formaction'))) continue;
    dead.push(button.outerHTML.slice(0, 120));
  }
  for (const link of document.querySelectorAll('a')) {
    if (!link.checkVisibility() || link.closest('svg, dialog')) continue;
    const href = link.getAttribute('href');
    if (!href || href === '#' || href.startsWith('javascript:')) dead.push(link.outerHTML.slice(0, 120));
    else if (href.startsWith('#') && !document.getElementById(href.slice(1)))
      dead.push(`leads nowhere: ${link.outerHTML.slice(0, 120)}`);
  }
  for (const form of document.querySelectorAll('main form')) {
    // One empty form may serve all buttons of a list; on a page without the list it has none.
    if (form.id && !form.querySelector('input:not([type=hidden]), select, textarea')) continue;
    const sends = form.querySelector('button:not([type=button]), input[type=submit]')
      || document.querySelector(`button[form="${form.id}"]`);
    if (!sends) dead.push(`nothing sends ${form.outerHTML.slice(0, 120)}`);
  }
  if (document.querySelector('main').innerText.trim().length < 40) dead.push('says nothing');
  for (const part of document.querySelectorAll('main [data-needs-js], main [aria-busy]'))
    if (part.checkVisibility()) dead.push(`waits for scripts: ${part.outerHTML.slice(0, 90)}`);
  return dead;
}"""


def test_every_page_has_its_links_and_forms(site: Site, visitor: Any) -> None:
    page = visitor("sv", java_script_enabled=False)
    faults = []
    for name, address in site.pages("sv").items():
        page.goto(address)
        # Evaluated by the driver, which may although the page's own scripts may not.
        faults += [f"{name} {address}: {fault}" for fault in page.evaluate(DEAD)]
    assert faults == [], "\n".join(["", *faults])


@pytest.mark.parametrize("width", [360, 1280])
def test_menus_open_and_lead_on(site: Site, visitor: Any, width: int) -> None:
    page = visitor("sv", java_script_enabled=False, viewport={"width": width, "height": 740})
    page.goto("/")
    page.locator(".topbar .menu > summary").click()
    page.get_by_role("link", name="Inställningar").click()
    expect(page).to_have_url(re.compile("/profile$"))
    if width == 360:
        page.locator(".bottombar .menu > summary").click()
        page.locator(".bottombar .menu-panel").get_by_text("Personer").click()
        expect(page).to_have_url(re.compile("/people$"))


def test_search_and_log_are_pages(site: Site, visitor: Any) -> None:
    page = visitor("sv", java_script_enabled=False)
    page.goto("/cases")
    page.locator(".searchbox input[name=q]").fill("hultsfred")
    page.keyboard.press("Enter")
    expect(page.locator("main a", has_text="Hultsfreds kommun").first).to_be_visible()
    page.locator(".log-button").click()
    expect(page).to_have_url(re.compile("/inquiries/log$"))
