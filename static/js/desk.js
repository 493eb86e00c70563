// The agent's desk: the list on the left, one conversation on the right, and the address that remembers which.

import { showConnection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { Inbox } from "./inbox.js";
import { Outbox } from "./outbox.js";
import { Presence } from "./presence.js";
import { COMMANDS, EVENTS } from "./protocol.js";
import { fetchPartial, getToken } from "./staff.js";
import { showWaiting } from "./waiting.js";
import { SignedOut, Wire } from "./wire.js";
import { words } from "./words.js";

const SLOW_MS = 200; // only a load that takes longer than this shows its bones

const byId = (id) => document.getElementById(id);
const clone = (id) => byId(id).content.firstElementChild.cloneNode(true);
const desk = document.querySelector(".desk");
const me = { userId: Number(desk.dataset.userId), agentId: Number(desk.dataset.agentId) };
const closing = byId("close-dialog");

const wire = new Wire({ path: "/ws/agent", getToken });
const outbox = new Outbox(me.userId, wire);
const inbox = new Inbox(byId("chats"), byId("no-chats"), (row) => presence.show(row, Number(row.dataset.userId)));
const presence = new Presence(wire, showPresence);
let conversation = null;
let opening = 0; // the newest wish wins over a slow answer to an older one

// ---- What is open ---------------------------------------------------------------

const asked = () => Number(new URLSearchParams(location.search).get("chat")) || null;
const panel = () => byId("chat");

/** Bring to life the conversation that the server printed. */
function enter() {
  const { chatId, userId, name, initials, face, status } = panel().dataset;
  conversation = new Conversation(panel(), {
    chat: { id: Number(chatId), isClosed: status === "CLOSED", otherName: name },
    isPrinted: true,
    userId: me.userId,
    wire,
    outbox,
    getToken,
    view: ({ sender_type, sender_id }) => {
      if (sender_type === "SYSTEM") return { kind: "system" };
      if (sender_id === (sender_type === "AGENT" ? me.agentId : me.userId)) return { kind: "own" };
      if (sender_type === "USER") return { kind: "other", author: name, initials, face };
      if (sender_type === "BOT") return { kind: "other", author: words.bot, initials: words.bot_initials, face: 1 };
      return { kind: "other", author: words.team, initials: words.team[0], face: 1 };
    },
    onRead: () => inbox.redraw(Number(chatId)),
  });
  presence.show(panel(), Number(userId));
}

function show(section, chatId) {
  conversation?.leave();
  conversation = null;
  panel().replaceWith(section);
  desk.classList.toggle("has-chat", chatId !== null);
  inbox.pick(chatId);
  if (section.dataset.chatId) enter();
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
  if (conversation && matchMedia("(hover: hover)").matches) conversation.focus();
}

function go(chatId) {
  if (chatId === asked() && conversation?.chatId === chatId) { conversation.focus(); return; }
  history.pushState(null, "", chatId === null ? "/agente" : `/agente?chat=${chatId}`);
  open(chatId);
}

const isPlain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
document.addEventListener("click", (event) => {
  const row = event.target.closest(".row-name")?.closest(".row");
  const back = event.target.closest("#chat-back");
  if ((!row && !back) || !isPlain(event)) return;
  event.preventDefault();
  const left = inbox.picked;
  go(row ? Number(row.dataset.chatId) : null);
  if (back) inbox.row(left)?.querySelector("a").focus();
});
addEventListener("popstate", () => open(asked()));

// ---- Closing --------------------------------------------------------------------

document.addEventListener("click", ({ target }) => {
  if (!target.closest("#close-chat")) return;
  closing.querySelector("[data-part=name]").textContent = panel().dataset.name;
  closing.showModal();
});
closing.querySelector("[data-do=stay]").addEventListener("click", () => closing.close());
closing.querySelector("[data-do=close]").addEventListener("click", async () => {
  closing.close();
  const { chatId } = conversation;
  try {
    await wire.ask(COMMANDS.CLOSE_CHAT, { chat_id: chatId });
  } catch (refusal) {
    toast(refusal.message || words.no_network);
  }
});

function toast(sentence) {
  const card = clone("toast");
  card.querySelector("[data-part=say]").textContent = sentence;
  card.querySelector("[data-do=dismiss]").addEventListener("click", () => card.remove());
  byId("toasts").append(card);
}

// ---- What happens ---------------------------------------------------------------

function showPresence(userId) {
  for (const about of [...inbox.rows, panel()]) {
    const who = Number(about.dataset.userId);
    if (who && (userId === null || who === userId)) presence.show(about, who);
  }
}

const bare = document.title.replace(/^\(\d+\) /, "").replace(/^.* · (?=Chats)/, "");
function showTitle() {
  const { unread } = inbox;
  const name = panel().dataset.name;
  document.title = `${unread ? `(${unread}) ` : ""}${name ? `${name} · ` : ""}${bare}`;
  for (const count of document.querySelectorAll("[data-unread-total]")) {
    count.textContent = unread;
    count.hidden = unread === 0;
  }
}

byId("chats").addEventListener("change", showTitle);
outbox.onChange(() => conversation?.showUnsent());
wire.on("line", ({ chat_id }) => inbox.redraw(chat_id));
wire.on(EVENTS.MESSAGE_READ, ({ chat_id, user_id }) => { if (user_id === me.userId) inbox.redraw(chat_id); });
for (const word of [EVENTS.CHAT_INITIATED, EVENTS.NEW_CHAT]) {
  wire.on(word, ({ chat }) => {
    wire.know(chat.id, chat.last_seq);
    inbox.redraw(chat.id);
  });
}
wire.on(EVENTS.CHAT_CLOSED, ({ chat_id }) => {
  inbox.redraw(chat_id);
  if (conversation?.chatId !== chat_id) return;
  panel().dataset.status = "CLOSED";
  byId("close-chat").hidden = true;
  // The place to write is gone, and the focus with it.
  if (document.activeElement === document.body) panel().querySelector("[data-part=log]").focus({ preventScroll: true });
});

// The picture on opening: what differs from the page is drawn again, what is no longer in it was closed meanwhile.
wire.on(EVENTS.AGENT_CHATS, ({ chats }) => {
  const open = new Map(chats.map((chat) => [chat.id, chat]));
  for (const chat of chats) {
    const row = inbox.row(chat.id);
    wire.know(chat.id, chat.last_seq);
    if (row?.dataset.lastSeq !== String(chat.last_seq) || row.dataset.unread !== String(chat.unread)) inbox.redraw(chat.id);
  }
  for (const row of inbox.rows) if (!open.has(Number(row.dataset.chatId))) inbox.redraw(Number(row.dataset.chatId));
  if (conversation && !open.has(conversation.chatId)) reopenIfClosed(conversation.chatId);
});

async function reopenIfClosed(chatId) {
  const section = await fetchPartial(`/agente/chats/${chatId}`).catch(() => null);
  if (section?.dataset.status === "CLOSED" && conversation?.chatId === chatId && panel().dataset.status !== "CLOSED") show(section, chatId);
}

// ---- Begin ----------------------------------------------------------------------

for (const row of inbox.rows) wire.know(Number(row.dataset.chatId), Number(row.dataset.lastSeq));
inbox.pick(Number(panel().dataset.chatId) || null);
if (panel().dataset.chatId) enter();
showTitle();
showConnection(wire, byId("connection"));
showWaiting(wire, go, (sentence) => toast(sentence || words.no_network));
wire.connect();
