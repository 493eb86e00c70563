// The three parts of the member's panel beside each other: the chat with a person, the booking assistant, the visits.

import { Bot } from "./bot.js";
import { MyVisits } from "./my-visits.js";
import { Notices } from "./notices.js";
import { beginTabs } from "./tabs.js";

const byId = (id) => document.getElementById(id);
const NAMES = { "tab-chat": "", "tab-bot": "asistente", "tab-visits": "mis-citas" };
const NEWS = { "tab-chat": "chat-news", "tab-bot": "bot-news", "tab-visits": "visits-news" };

/** `onShow(isChat)` is called when another part is shown. Returns `note(tabId)`, which counts something new in a part. */
export function beginParts({ userId, wire, getToken, onShow }) {
  let shown = "tab-chat";
  const count = (id, number) => {
    const place = byId(NEWS[id]);
    place.textContent = number || "";
    place.hidden = !number;
  };
  const note = (id) => { if (id !== shown) count(id, Number(byId(NEWS[id]).textContent) + 1); };
  const go = beginTabs(byId("parts"), NAMES, (id) => {
    shown = id;
    count(id, 0);
    const { title, status } = byId(id).dataset;
    byId("member-head").hidden = Boolean(title);
    byId("part-head").hidden = !title;
    byId("part-head").querySelector("[data-part=title]").textContent = title ?? "";
    byId("part-head").querySelector("[data-part=status]").textContent = status ?? "";
    onShow(id === "tab-chat");
  });

  const bot = new Bot({ userId, wire, onNews: () => note("tab-bot") });
  const visits = new MyVisits({ wire, getToken, onNews: () => note("tab-visits") });
  new Notices({ userId, wire, getToken, visitOf: (id) => visits.visit(id) });
  for (const id of ["none-book", "visits-book"]) {
    byId(id).addEventListener("click", () => {
      go("tab-bot");
      byId("tab-bot").focus();
      if (wire.isOpen) bot.start();
    });
  }
  return note;
}
