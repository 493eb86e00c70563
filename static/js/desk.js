// The agent's desk: the lists on the left, one conversation in the middle, its member on the right, and the address that
// remembers which.

import { About } from "./desk-about.js";
import { beginActs } from "./desk-acts.js";
import { beginAvailability } from "./desk-availability.js";
import { Bell } from "./desk-bell.js";
import { OpenChat } from "./desk-chat.js";
import { beginKeys } from "./desk-keys.js";
import { beginNews } from "./desk-news.js";
import { beginSettings, onSettings, wants } from "./desk-settings.js";
import { beginWaits } from "./desk-waits.js";
import { showConnection } from "./connection.js";
import { Inbox } from "./inbox.js";
import { Outbox } from "./outbox.js";
import { Presence } from "./presence.js";
import { fetchPartial, getToken } from "./staff.js";
import { toast } from "./toasts.js";
import { redrawWaiting, showWaiting } from "./waiting.js";
import { SignedOut, Wire } from "./wire.js";
import { words } from "./words.js";

const SLOW_MS = 200; // only a load that takes longer than this shows its bones
const AGAIN_MS = 5_000;

const byId = (id) => document.getElementById(id);
const clone = (id) => byId(id).content.firstElementChild.cloneNode(true);
const desk = document.querySelector(".desk");
const me = { userId: Number(desk.dataset.userId), agentId: Number(desk.dataset.agentId) };

const wire = new Wire({ path: "/ws", getToken });
const outbox = new Outbox(me.userId, wire);
const presence = new Presence(wire, showPresence);
const about = new About(desk, wire);
const bell = new Bell((chatId) => go(chatId));
const bare = document.title.replace(/^\(\d+\) /, "").replace(/^.* · (?=Chats)/, "");
let chat = null;
let opening = 0; // the newest wish wins over a slow answer to an older one
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
  if (inbox.tab === "waiting") bell.seen("queue");
}

// ---- What is open ---------------------------------------------------------------

/** Bring to life the conversation that the server printed. */
function enter() {
  const { chatId, userId, kind } = panel().dataset;
  chat = new OpenChat(panel(), { me, wire, outbox, getToken, onRead: () => inbox.redraw(Number(chatId)), onMoved: () => reopen(Number(chatId)) });
  presence.show(panel(), Number(userId));
  about.show(kind === "SUPPORT" ? Number(chatId) : null, Number(userId));
  bell.seen(`chat-${chatId}`);
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
  const wish = opening += 1;
  if (chatId === null) { show(clone("chat-none"), null); return; }
  inbox.pick(chatId);
  const slow = setTimeout(() => { if (wish === opening) show(clone("chat-loading"), chatId); }, SLOW_MS);
  let section;
  try {
    section = await fetchPartial(`/agente/chats/${chatId}`) ?? clone("chat-none");
  } catch (problem) {
    // The server asks for the sign-in and leads back here; drafts and unsent lines wait on the shelf.
    if (problem instanceof SignedOut) location.reload();
    section = clone("chat-broken");
    section.querySelector("[data-do=again]").addEventListener("click", () => open(chatId));
  }
  clearTimeout(slow);
  if (wish !== opening) return;
  show(section, section.dataset.chatId ? chatId : inbox.row(chatId) ? chatId : null);
  // A keyboard that slides over half a phone is not opened unasked.
  if (chat && matchMedia("(hover: hover)").matches) chat.focus();
}

/** The open chat changed hands or state: draw it again where it stands, without taking the focus from elsewhere. */
async function reopen(chatId) {
  const wish = opening;
  let section;
  try {
    section = await fetchPartial(`/agente/chats/${chatId}`);
  } catch {
    setTimeout(() => { if (chat?.chatId === chatId) reopen(chatId); }, AGAIN_MS);
    return;
  }
  if (!section || wish !== opening || chat?.chatId !== chatId) return;
  if (section.dataset.mode === panel().dataset.mode && section.dataset.agentId === panel().dataset.agentId) return;
  const { activeElement } = document;
  const hadFocus = panel().contains(activeElement) || activeElement === document.body;
  // What is typed is on the shelf. Whoever writes a note goes on with it, at the same place.
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

const takeNext = showWaiting(wire, (chatId) => {
  bell.seen("queue");
  if (chat?.chatId === chatId) reopen(chatId);
  else go(chatId);
}, (sentence) => toast(sentence || words.no_network));
const search = () => { byId("search").focus(); byId("search").select(); };
byId("search").addEventListener("focus", async () => {
  const { beginSearch } = await import("./desk-search.js");
  beginSearch(wire, go);
}, { once: true });
const acts = beginActs(wire, { me, current: () => chat, panel });
const availability = beginAvailability(wire, me.agentId);
const settings = beginSettings({
  onTry: () => bell.play(),
  onDesktop: async () => {
    const may = await bell.mayNotify();
    if (!may) toast(words.desktop_refused);
    return may;
  },
});
const pick = (row) => { if (row) go(Number(row.dataset.chatId)); };
beginKeys({
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

outbox.onChange(() => chat?.showUnsent());
onSettings(showTitle);
for (const row of inbox.rows) if (row.dataset.mine === "1") wire.know(Number(row.dataset.chatId), Number(row.dataset.lastSeq));
inbox.pick(Number(panel().dataset.chatId) || null);
if (panel().dataset.chatId) enter();
beginWaits();
beginNews({ me, wire, inbox, bell, panel, current: () => chat, reopen, go, getToken, catchUp: () => { redrawWaiting(); availability.redraw(); } });
showConnection(wire, byId("connection"));
wire.connect();
