// The member's side of a chat, on a page that only a developer's machine serves.

import { showConnection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { day } from "./format.js";
import { Outbox } from "./outbox.js";
import { beginParts } from "./parts.js";
import { Presence } from "./presence.js";
import { EVENTS } from "./protocol.js";
import { session } from "./session.js";
import { Wire } from "./wire.js";
import { words } from "./words.js";

const byId = (id) => document.getElementById(id);
const clone = (id) => byId(id).content.firstElementChild.cloneNode(true);
const panel = byId("member-chat");
const nameOf = (person) => (person ? `${person.first_name} ${person.last_name}` : words.your_agent);
const initialsOf = (person) => (person ? person.first_name[0] + person.last_name[0] : words.your_agent[0]);

function beginSignedOut() {
  byId("sign-in").hidden = false;
  byId("sign-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { member, password } = Object.fromEntries(new FormData(event.target));
    const problem = byId("sign-in-problem");
    problem.hidden = true;
    try {
      await session.signIn(member, password);
      location.reload();
    } catch (refusal) {
      problem.querySelector("[data-part=say]").textContent = refusal.message;
      problem.hidden = false;
    }
  });
}

function beginSignedIn(user) {
  const wire = new Wire({ path: "/ws", getToken: session.getToken });
  const outbox = new Outbox(user.id, wire);
  const presence = new Presence(wire, () => showPresence());
  const chats = new Map();
  let conversation = null;
  let isChatShown = true;
  let wanted = null; // the chat that was picked from the list; the open one until then

  // In a support chat the agent, once there is one; in a chat of two people the other one.
  const otherOf = (chat) => chat?.agent ?? (chat?.user.id === user.id ? null : chat?.user);

  function showPresence() {
    const other = otherOf(chats.get(conversation?.chatId));
    if (other) presence.show(byId("member-head"), other.id);
  }

  function open(chat) {
    conversation?.leave();
    const other = otherOf(chat);
    const talk = clone("member-talk");
    byId("member-talk-place").replaceChildren(talk);
    byId("member-talk-place").hidden = false;
    byId("member-with").textContent = nameOf(other);
    byId("member-face").firstChild.data = initialsOf(other);
    conversation = new Conversation(talk, {
      chat: { id: chat.id, isClosed: chat.status === "CLOSED", otherName: other?.first_name ?? words.your_agent },
      isPrinted: false,
      userId: user.id,
      wire,
      outbox,
      getToken: session.getToken,
      view: ({ sender_type, sender_id }) => {
        if (sender_type === "SYSTEM") return { kind: "system" };
        if (sender_type === "USER" && sender_id === user.id) return { kind: "own" };
        if (sender_type === "BOT") return { kind: "other", author: words.bot, initials: words.bot_initials, face: 1 };
        return { kind: "other", author: nameOf(other), initials: initialsOf(other), face: 4 };
      },
    });
    conversation.isShown = isChatShown;
    showPresence();
    load();
  }

  async function load() {
    const broken = byId("member-broken");
    broken.hidden = await conversation.refresh();
  }

  function showChats() {
    const list = [...chats.values()].sort((a, b) => (a.status === "CLOSED") - (b.status === "CLOSED") || b.id - a.id);
    byId("member-none").hidden = list.length > 0;
    byId("member-waiting").hidden = true;
    byId("member-picker").hidden = list.length < 2;
    const chosen = chats.get(wanted) ?? list[0];
    byId("member-chats").replaceChildren(...list.map((chat) => new Option(
      chat.status === "CLOSED" ? words.closed_chat(day(chat.updated_at)) : words.open_chat, chat.id, false, chat === chosen)));
    if (chosen && conversation?.chatId !== chosen.id) open(chosen);
    else if (conversation) conversation.isClosed = chosen.status === "CLOSED";
  }

  byId("member-chats").addEventListener("change", ({ target }) => { wanted = Number(target.value); showChats(); });
  byId("member-again").addEventListener("click", load);
  byId("sign-out").addEventListener("click", async () => { await session.signOut(); location.reload(); });

  outbox.onChange(() => conversation?.showUnsent());
  wire.on(EVENTS.USER_CHATS, (frame) => {
    chats.clear();
    for (const chat of frame.chats) {
      chats.set(chat.id, chat);
      wire.know(chat.id, chat.last_seq);
    }
    showChats();
  });
  wire.on(EVENTS.NEW_CHAT, ({ chat }) => {
    chats.set(chat.id, chat);
    wire.know(chat.id, chat.last_seq);
    wanted = null;
    if (conversation?.chatId !== chat.id) { showChats(); return; }
    // Somebody took the chat that was waiting: now it has a name.
    const wrote = byId("member-talk-place").contains(document.activeElement);
    open(chat);
    if (wrote) conversation.focus();
  });
  wire.on(EVENTS.CHAT_CLOSED, ({ chat_id }) => {
    const chat = chats.get(chat_id);
    if (!chat) return;
    chats.set(chat_id, { ...chat, status: "CLOSED", updated_at: new Date().toISOString() });
    wanted = chat_id; // what was just read stays in sight
    showChats();
  });
  wire.on("state", ({ name, reason }) => {
    if (name === "stopped" && reason === "signed_out") location.reload();
    if (name === "open" && !byId("member-broken").hidden) load();
  });

  const note = beginParts({
    userId: user.id,
    wire,
    getToken: session.getToken,
    onShow: (isChat) => {
      isChatShown = isChat;
      if (conversation) conversation.isShown = isChat;
    },
  });
  wire.on("line", ({ sender_type, sender_id }) => { if (sender_type !== "USER" || sender_id !== user.id) note("tab-chat"); });

  byId("member-name").textContent = nameOf(user);
  byId("member-waiting").hidden = false;
  byId("signed-in").hidden = false;
  showConnection(wire, byId("connection"));
  wire.connect();
}

// Another tab signed in or out: this one follows.
session.onChange(() => location.reload());

const { user } = session;
panel.dataset.signedIn = String(Boolean(user));
if (user) beginSignedIn(user);
else beginSignedOut();
