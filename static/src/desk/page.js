// The agent's desk: the lists on the left, one conversation in the middle, its member on the right, and the address that
// remembers which.

import { Connection } from "../core/connection.js";
import { SignedOut } from "../core/errors.js";
import { Outbox } from "../core/outbox.js";
import { jsonStorage } from "../core/storage.js";
import { showConnectionBar } from "../ui/connection-bar.js";
import { byId, cloneTemplate } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { fetchPartial, getToken } from "../ui/server.js";
import { toast } from "../ui/toasts.js";
import { initActions } from "./actions.js";
import { Alerts } from "./alerts.js";
import { initAvailability } from "./availability.js";
import { Inbox } from "./inbox.js";
import { MemberPanel } from "./member-panel.js";
import { initNotifications } from "./notifications.js";
import { OpenChat } from "./open-chat.js";
import { Presence } from "./presence.js";
import { initSettings, onSettings, wants } from "./settings.js";
import { initShortcuts } from "./shortcuts.js";
import { initWaitingTimes } from "./waiting-times.js";
import { redrawWaiting, showWaiting } from "./waiting.js";

const SLOW_MS = 200; // only a load that takes longer than this shows its bones
const AGAIN_MS = 5_000;

const desk = document.querySelector(".desk");
const me = { userId: Number(desk.dataset.userId), agentId: Number(desk.dataset.agentId) };

let chat = null;
let lastRequest = 0; // the latest request wins over a slow answer to an older one
const connection = new Connection({ getToken });
const outbox = new Outbox({ storage: jsonStorage(`beneficiate:out:${me.userId}:`), connection, onChange: () => chat?.showUnsent() });
const presence = new Presence(connection, showPresence);
const about = new MemberPanel(desk, connection);
const alerts = new Alerts((chatId) => go(chatId));
const bare = document.title.replace(/^\(\d+\) /, "").replace(/^.* · (?=Chats)/, "");
const panel = () => byId("chat");
const inbox = new Inbox({
  userId: me.userId,
  unread: JSON.parse(desk.dataset.unreadOf),
  onDraw: (row) => presence.show(row, Number(row.dataset.userId)),
  onChange: showTitle,
});

// ---- The address ----------------------------------------------------------------

const asked = () => Number(new URLSearchParams(location.search).get("chat")) || null;

function addressOf(chatId) {
  const { tab, tag } = inbox;
  const query = new URLSearchParams({ ...(chatId && { chat: chatId }), ...(tab !== "mine" && { lista: tab }), ...(tag && { etiqueta: tag }) });
  return `/agente${query.size ? `?${query}` : ""}`;
}

async function go(chatId, seq = null) {
  if (chatId === asked() && chat?.chatId === chatId) chat.focus();
  else {
    history.pushState(null, "", addressOf(chatId));
    await open(chatId);
  }
  if (seq && chat?.chatId === chatId) chat.reach(seq);
}

async function list(wanted) {
  await inbox.show({ tag: "", ...wanted });
  history.replaceState(null, "", addressOf(asked()));
  if (inbox.tab === "waiting") alerts.clear("queue");
}

// ---- What is open ---------------------------------------------------------------

/** Bring to life the conversation that the server printed. */
function enter() {
  const { chatId, userId, kind } = panel().dataset;
  chat = new OpenChat(panel(), { me, connection, outbox, getToken, onRead: () => inbox.redraw(Number(chatId)), onMoved: () => reopen(Number(chatId)) });
  presence.show(panel(), Number(userId));
  about.show(kind === "SUPPORT" ? Number(chatId) : null, Number(userId));
  alerts.clear(`chat-${chatId}`);
}

function show(section, chatId) {
  chat?.leave();
  chat = null;
  panel().replaceWith(section);
  desk.classList.toggle("has-chat", chatId !== null);
  inbox.pick(chatId);
  if (section.dataset.chatId) enter();
  else if (chatId === null) about.show(null, null);
  showTitle();
}

async function open(chatId) {
  const request = lastRequest += 1;
  if (chatId === null) { show(cloneTemplate("chat-none"), null); return; }
  inbox.pick(chatId);
  const slow = setTimeout(() => { if (request === lastRequest) show(cloneTemplate("chat-loading"), chatId); }, SLOW_MS);
  let section;
  try {
    section = await fetchPartial(`/agente/chats/${chatId}`) ?? cloneTemplate("chat-none");
  } catch (problem) {
    // The server asks for the sign-in and leads back here; drafts and unsent lines wait in the storage.
    if (problem instanceof SignedOut) location.reload();
    section = cloneTemplate("chat-broken");
    section.querySelector("[data-do=again]").addEventListener("click", () => open(chatId));
  }
  clearTimeout(slow);
  if (request !== lastRequest) return;
  show(section, section.dataset.chatId ? chatId : inbox.row(chatId) ? chatId : null);
  // A keyboard that slides over half a phone is not opened unasked.
  if (chat && matchMedia("(hover: hover)").matches) chat.focus();
}

/** The open chat changed hands or state: draw it again where it stands, without taking the focus from elsewhere. */
async function reopen(chatId) {
  const request = lastRequest;
  let section;
  try {
    section = await fetchPartial(`/agente/chats/${chatId}`);
  } catch {
    setTimeout(() => { if (chat?.chatId === chatId) reopen(chatId); }, AGAIN_MS);
    return;
  }
  if (!section || request !== lastRequest || chat?.chatId !== chatId) return;
  if (section.dataset.mode === panel().dataset.mode && section.dataset.agentId === panel().dataset.agentId) return;
  const { activeElement } = document;
  const hadFocus = panel().contains(activeElement) || activeElement === document.body;
  // What is typed is in the storage. Whoever writes a note goes on with it, at the same place.
  const { isNote } = chat;
  const selection = activeElement.id === "note-text" ? [activeElement.selectionStart, activeElement.selectionEnd] : [];
  show(section, chatId);
  if (isNote) chat.note(hadFocus ? selection : null);
  else if (hadFocus) chat.focus();
}

// ---- What is pressed ---------------------------------------------------------------

const isPlain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
document.addEventListener("click", (event) => {
  const link = event.target.closest(".row-name, .go-chat, #chat-back, [data-list]");
  if (event.target.closest("#more-chats")) inbox.more();
  if (!link || !isPlain(event)) return;
  event.preventDefault();
  if (link.dataset.list) { list({ tab: link.dataset.list }); return; }
  const left = inbox.picked;
  const isBack = link.id === "chat-back";
  if (link.closest(".about")) about.toggle(false, false);
  go(isBack ? null : Number(link.closest("[data-chat-id]").dataset.chatId), Number(link.dataset.seq) || null);
  if (isBack) inbox.row(left)?.querySelector("a").focus();
});
document.addEventListener("change", ({ target }) => { if (target.id === "tag-filter") list({ tag: target.value }); });
addEventListener("popstate", () => open(asked()));

const takeNext = showWaiting(connection, (chatId) => {
  alerts.clear("queue");
  if (chat?.chatId === chatId) reopen(chatId);
  else go(chatId);
}, (sentence) => toast(sentence || messages.no_network));
const search = () => { byId("search").focus(); byId("search").select(); };
byId("search").addEventListener("focus", async () => {
  const { initSearch } = await import("./search.js");
  initSearch(connection, go);
}, { once: true });
const acts = initActions(connection, { me, current: () => chat, panel });
const availability = initAvailability(connection, me.agentId);
const settings = initSettings({
  onTry: () => alerts.play(),
  onDesktop: async () => {
    const may = await alerts.mayNotify();
    if (!may) toast(messages.desktop_refused);
    return may;
  },
});
const pick = (row) => { if (row) go(Number(row.dataset.chatId)); };
initShortcuts({
  next: () => pick(inbox.neighbour(1)),
  previous: () => pick(inbox.neighbour(-1)),
  unread: () => pick(inbox.nextUnread),
  "list-mine": () => list({ tab: "mine" }),
  "list-waiting": () => list({ tab: "waiting" }),
  "list-all": () => list({ tab: "all" }),
  "list-closed": () => list({ tab: "closed" }),
  search,
  about: () => about.toggle(),
  escape: () => document.activeElement.blur(),
  take: takeNext,
  reply: () => chat?.reply(),
  note: () => chat?.note(),
  switch: () => chat?.switch(),
  canned: () => chat?.canned(),
  attach: () => chat?.attach(),
  tag: () => chat?.tag(),
  pay: () => chat?.putPayLink(),
  transfer: () => acts.transfer(),
  return: () => acts.return(),
  close: () => acts.close(),
  availability: () => availability.open(),
  settings,
});

// ---- What is seen -----------------------------------------------------------------

function showPresence(userId) {
  for (const element of [...inbox.rows, panel()]) {
    const who = Number(element.dataset.userId);
    if (who && (userId === null || who === userId)) presence.show(element, who);
  }
}

function showTitle() {
  const { unread } = inbox;
  const { name } = panel().dataset;
  document.title = `${unread && wants("title") ? `(${unread}) ` : ""}${name ? `${name} · ` : ""}${bare}`;
  for (const count of document.querySelectorAll("[data-unread-total]")) {
    count.textContent = unread;
    count.hidden = unread === 0;
  }
}

// ---- Begin ----------------------------------------------------------------------

onSettings(showTitle);
for (const row of inbox.rows) if (row.dataset.mine === "1") connection.know(Number(row.dataset.chatId), Number(row.dataset.lastSeq));
inbox.pick(Number(panel().dataset.chatId) || null);
if (panel().dataset.chatId) enter();
initWaitingTimes();
initNotifications({
  me, connection, inbox, alerts, panel, current: () => chat, reopen, go, getToken,
  catchUp: () => { redrawWaiting(); availability.redraw(); },
});
showConnectionBar(connection, byId("connection"));
connection.connect();
