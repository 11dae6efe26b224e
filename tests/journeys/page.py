"""The local page, driven in headless Chromium as a person uses it: never loaded anew to see what is new."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from playwright.async_api import Browser, Page

from tests.journeys.process import Bot
from tests.journeys.surface import FORM, Button, Field, Form, Message, Sight, Typed

MOST_OPEN = 4  # people who sit before a page at a time; the next takes the place of the one longest away

READ = """() => {
  const squeeze = (words) => words.replace(/\\s+/g, " ").trim();
  const lines = (node) => [...node.querySelectorAll("p, h2, h3, h4, dt, dd, li, legend, label, blockquote")]
    .map((each) => each.tagName === "BLOCKQUOTE" ? each.textContent : squeeze(each.textContent)).join("\\n");
  const buttons = (node) => [...node.querySelectorAll("button[data-verb]")]
    .map((each) => ({ label: squeeze(each.textContent), handle: each.dataset.key }));
  const message = (node) => ({ words: lines(node), buttons: buttons(node) });
  const post = (node) => ({
    ...message(node.querySelector(":scope > .message")),
    replies: [...node.querySelectorAll(".thread .message")].map(lines),
  });
  const posts = (id) => [...document.querySelectorAll(`#${id} > article`)].map(post).reverse();
  const label = (node) => squeeze([...node.childNodes]
    .filter((each) => !each.classList?.contains("quiet")).map((each) => each.textContent).join(""));
  const field = (node) => {
    const boxes = [...node.querySelectorAll("input[type=radio], input[type=checkbox]")];
    const said = (box) => squeeze(node.querySelector(`label[for="${box.id}"]`).textContent);
    const entry = node.querySelector("textarea, input:not([type=radio]):not([type=checkbox])");
    return {
      label: label(node.querySelector("legend") ?? node.querySelector("label")),
      error: squeeze(node.querySelector(".error")?.textContent ?? "").replace("To put right: ", ""),
      options: boxes.map(said),
      value: entry ? [entry.value].filter(Boolean) : boxes.filter((box) => box.checked).map(said),
      ids: entry ? [entry.id] : boxes.map((box) => box.id),
    };
  };
  const sheet = document.querySelector("dialog#form[open]");
  const form = sheet && {
    title: squeeze(sheet.querySelector("#form-title").textContent),
    words: lines(sheet), buttons: buttons(sheet), fields: [...sheet.querySelectorAll(".field")].map(field),
  };
  const answers = [...document.querySelectorAll("#private > article")]
    .map((node) => ({ id: node.id, ...message(node) }));
  return { room: posts("channel-posts"), direct: posts("direct-posts"), form, answers };
}"""
POST = """async (press) => {
  const token = [...Array(24)].map(() => "abcdefgh"[Math.floor(Math.random() * 8)]).join("");
  const body = new URLSearchParams({ ...press, token, where: "room" });
  await fetch("/press", { method: "POST", body, headers: { "X-Page": "fragment" } });
}"""
LOOK = f"""async (person) => {{
  const text = await (await fetch(`/fragment?as=${{person}}`)).text();
  const next = new DOMParser().parseFromString(text, "text/html");
  const seen = (page) => Number(page.getElementById("clock").dataset.changes);
  for (let waited = 0; seen(document) < seen(next); waited += 10) {{
    if (waited > 10000) throw new Error("the page did not show what is new");
    await new Promise((done) => setTimeout(done, 10));
  }}
  return ({READ})();
}}"""
"""What stands on the page, once it has shown by itself all that the bot has to show."""
CLOSE = '[data-key="form:close"]'
IDLE = "() => !document.querySelector('form[aria-busy=true]')"


class PageSurface:
    """Everybody whose account is on the page."""

    name = "page"
    shows_each_their_own = False

    def __init__(self, bot: Bot, browser: Browser) -> None:
        self._bot = bot
        self._browser = browser
        self._open: OrderedDict[str, Page] = OrderedDict()
        self._answers: dict[str, set[str]] = {}
        self.problems: list[str] = []

    async def look(self, person: str) -> Sight:
        await self._bot.settled()
        page = await self._page(person)
        seen = await page.evaluate(LOOK, person)
        fresh = [one for one in seen["answers"] if one["id"] not in self._answers.get(person, set())]
        return Sight(
            room=tuple(_message(one) for one in seen["room"]),
            direct=tuple(_message(one) for one in seen["direct"]),
            form=_form(seen["form"]) if seen["form"] else None,
            private=_message(fresh[0]) if fresh else None,
        )

    async def say(self, person: str, words: str) -> None:
        await self.close(person)
        page = await self._begin(person)
        await page.locator("#words").fill(words)
        await self._click(page, ".say button")

    async def press(self, person: str, place: str, button: Button) -> None:
        if place != FORM:
            await self.close(person)
        page = await self._begin(person)
        found = f'button[data-key="{button.handle}"]'
        asks = await page.locator(found).evaluate("(node) => Boolean(node.form.querySelector('[name=ask]'))")
        if asks:
            await page.locator(found).click()
            await self._click(page, "dialog.ask button[value=yes]")
        else:
            await self._click(page, found)

    async def press_unseen(self, person: str, value: str) -> None:
        await self.close(person)
        page = await self._begin(person)
        verb, escalation, about = value.split(":")
        await page.evaluate(POST, {"verb": verb, "escalation": escalation, "object": about, "as": person})
        await page.goto(f"{self._bot.address}/?as={person}")

    async def fill(self, person: str, typed: Typed) -> None:
        page = await self._begin(person)
        fields = {one["label"]: one for one in (await page.evaluate(READ))["form"]["fields"]}
        for label, value in typed.items():
            assert label in fields, f"no field is called {label!r}; there is {list(fields)}"
            await self._enter(page, fields[label], value)
        await self._click(page, '[data-key="form:submit"]')

    async def _enter(self, page: Page, field: dict[str, Any], value: Any) -> None:
        if not field["options"]:
            await page.locator(f"[id='{field['ids'][0]}']").fill(value)
            return
        wanted = [value] if isinstance(value, str) else list(value)
        for option in wanted:
            assert option in field["options"], f"{option!r} is not offered; there is {field['options']}"
            await page.locator(f"[id='{field['ids'][field['options'].index(option)]}']").check()

    async def close(self, person: str) -> None:
        page = await self._page(person)
        if await page.locator(CLOSE).count():
            await self._click(page, CLOSE)

    async def _begin(self, person: str) -> Page:
        page = await self._page(person)
        self._answers[person] = {one["id"] for one in (await page.evaluate(READ))["answers"]}
        return page

    async def _click(self, page: Page, found: str) -> None:
        """Press, and wait until the bot has answered and the page shows it."""
        async with page.expect_response(lambda response: response.request.method == "POST"):
            await page.locator(found).click()
        await page.wait_for_function(IDLE)

    async def _page(self, person: str) -> Page:
        if person not in self._open:
            if len(self._open) < MOST_OPEN:
                self._open[person] = await self._new_page()
            else:
                self._open[person] = self._open.popitem(last=False)[1]
            await self._open[person].goto(f"{self._bot.address}/?as={person}")
        self._open.move_to_end(person)
        return self._open[person]

    async def _new_page(self) -> Page:
        """In a browser profile of its own: of several pages in one, only the foremost is drawn in time."""
        context = await self._browser.new_context(
            viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
        )
        context.set_default_timeout(10_000)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda said: self.problems.append(said.text) if said.type == "error" else None)
        return page


def _buttons(found: list[dict[str, Any]]) -> tuple[Button, ...]:
    return tuple(Button(one["label"], one["handle"].partition(":")[2], one["handle"]) for one in found)


def _message(found: dict[str, Any]) -> Message:
    return Message(found["words"], _buttons(found["buttons"]), tuple(found.get("replies", ())))


def _form(found: dict[str, Any]) -> Form:
    fields = tuple(
        Field(one["label"], tuple(one["value"]), tuple(one["options"]), one["error"])
        for one in found["fields"]
    )
    return Form(found["title"], found["words"], fields, _buttons(found["buttons"]))
