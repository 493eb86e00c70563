// What a member sees: four parts behind tabs, how the connection is, and notices.

import { Connection } from "../core/connection.js";
import { Outbox } from "../core/outbox.js";
import { COMMANDS, EVENTS } from "../core/protocol.js";
import { planTitle } from "../core/text.js";
import { Appointments } from "./appointments.js";
import { Assistant } from "./assistant.js";
import { attempt } from "./attempt.js";
import { Chat } from "./chat.js";
import { ConnectionBar, STOPPED } from "./connection-bar.js";
import { h, makeIconButton } from "./dom.js";
import { hasTouch } from "./panel.js";
import { Plan } from "./plan.js";
import { storageOf } from "./storage.js";
import { Tabs } from "./tabs.js";

const HOURS_MS = 60_000;
const LABELS = { chat: "Chat", bot: "Asistente", appointments: "Mis citas", plan: "Mi plan" };

export class MemberView {
  #widget;
  #panel;
  #bar;
  #notices = h("div.w-notices", { id: "notices", role: "status" });
  #tabs;
  #parts;        // { el, focus(), head(isOnline) } by name
  #online = {};  // user id -> whether they are online
  #hoursAt = 0;
  hours = { is_open: true };

  constructor(widget, user) {
    const { origin, session, panel } = widget;
    this.user = user;
    this.origin = origin;
    this.#widget = widget;
    this.#panel = panel;
    this.storage = storageOf(`${user.id}:`);
    this.connection = new Connection({ origin, getToken: session.getToken });
    this.outbox = new Outbox({
      storage: storageOf(`${user.id}:out:`),
      connection: this.connection,
      onChange: () => this.#parts?.chat.scheduleRender(),
      openChat: async () => (await this.connection.request(COMMANDS.REQUEST_AGENT)).chat.id,
    });
    this.#parts = { chat: new Chat(this), bot: new Assistant(this), appointments: new Appointments(this), plan: new Plan(this) };
    this.#tabs = new Tabs(LABELS, this.#parts, { onTurn: (part) => this.#onPartShown(part), onPick: (part) => this.showPart(part) });
    this.#bar = new ConnectionBar(this.connection, () => this.#tabs.shown === "bot");
    this.elements = [this.#tabs.el, this.#bar.el, this.#notices, ...Object.values(this.#parts).map(({ el }) => el)];
    this.#addListeners();
    const part = this.storage.get("part");
    this.#tabs.showPart(part in this.#parts ? part : "chat");
    this.#parts.chat.scheduleRender();
    this.#parts.plan.render();
    this.connection.connect();
  }

  // ---- What the panel asks for --------------------------------------------------------

  get unread() { return this.#tabs.unread; }

  focus() { this.#parts[this.#tabs.shown].focus(); }

  menuItems(item) {
    const { chat } = this.#parts;
    return [
      ...chat.current ? [item("Descargar la conversación", () => chat.saveTranscript(), "menu-transcript")] : [],
      ...chat.current && chat.current.status !== "CLOSED" ? [item("Terminar el chat", () => chat.closeChat(), "menu-end")] : [],
      item("Cerrar sesión", () => this.#widget.signOut(), "sign-out"),
    ];
  }

  /** Called whenever it may be in front of somebody's eyes. */
  async markSeen() {
    if (!this.#panel.isVisible) return;
    const { chat } = this.#parts;
    if (this.#tabs.shown === "chat") chat.markSeen();
    else this.setUnread(this.#tabs.shown, 0);
    if (Date.now() - this.#hoursAt < HOURS_MS) return;
    this.#hoursAt = Date.now();
    // Opening hours that cannot be had close nothing.
    this.hours = await this.callApi("hours").catch(() => this.hours);
    chat.scheduleRender();
  }

  dispose() {
    this.#parts.chat.dispose();
    this.outbox.dispose();
    this.connection.close();
    this.#bar.dispose();
  }

  // ---- What the parts ask for ---------------------------------------------------------

  /** Return the data of an answer of the API. Throws Refused. */
  callApi(path, options) { return this.#widget.session.callApi(path, options); }

  /** Return the settings of the server that members may know. */
  loadSettings() { return this.#widget.loadSettings(); }

  /** Send a command. Return the refusal, which is said in the element `problem`, or null. */
  runCommand(problem, command, fields) { return attempt(problem, () => this.connection.request(command, fields)); }

  isShown(part) { return this.#tabs.shown === part && this.#panel.isVisible; }

  setUnread(part, count) {
    if (!this.#tabs.setUnread(part, count)) return;
    this.#panel.renderLauncher();
    this.#widget.emit("unread", this.unread);
  }

  /** Something of a part is new. */
  addUnread(part) { if (!this.isShown(part)) this.setUnread(part, this.#tabs.unreadOf(part) + 1); }

  showPart(part) {
    this.#tabs.showPart(part);
    if (this.#panel.hasFocus && !hasTouch()) this.#parts[part].focus();
  }

  /** Send a message in the chat with a person, and show it there. */
  sendToPerson(text) {
    this.#parts.chat.sendText(text);
    this.showPart("chat");
  }

  bookAppointment() {
    this.showPart("bot");
    this.#parts.bot.startBooking();
  }

  enterContent() { this.#panel.enterContent(); }

  playSound(id) { this.#panel.playSound(id); }

  renderHead() {
    const part = this.#parts?.[this.#tabs?.shown];
    if (part) this.#panel.renderHead(part.describeHead((id) => this.#online[id]));
  }

  /** The head of the parts that are about the member. */
  get ownHead() {
    const { first_name: first, last_name: last, plan } = this.user;
    return [`${first} ${last}${plan ? `, ${planTitle(plan.name).replace("P", "p")}` : ""}`];
  }

  /** Show something at once, whichever part is open. Without `more` it can be closed. Returns what ends it. */
  showNotice(kind, id, title, text, ...more) {
    const card = h("div.w-notice", { "data-notice": kind, "data-id": id },
      h("div", {}, h("b", {}, title), h("p", {}, text), more), !more.length && makeIconButton("x", "Cerrar el aviso", () => end()));
    const end = () => {
      const hadFocus = card.contains(card.getRootNode().activeElement);
      card.remove();
      if (hadFocus) this.#tabs.focus();
    };
    this.#notices.querySelector(`[data-notice=${kind}][data-id="${id}"]`)?.remove();
    this.#notices.prepend(card);
    return end;
  }

  dropNotices(kind) { this.#notices.querySelectorAll(`[data-notice=${kind}]`).forEach((card) => card.remove()); }

  // ---- What happens -----------------------------------------------------------------------

  #onPartShown(part) {
    this.storage.set("part", part);
    this.renderHead();
    this.markSeen();
  }

  #addListeners() {
    const { connection } = this;
    connection.on("state", ({ name, reason }) => {
      if (reason === "signed_out") this.#widget.endSession(STOPPED[reason]);
      else if (name === "open") this.#refreshUser();
    });
    const setOnline = (users, status) => {
      for (const one of users) this.#online[one.user_id ?? one.id] = (status ?? one.status) === "online";
      this.renderHead();
    };
    connection.on(EVENTS.ONLINE_USERS, ({ users }) => setOnline(users, "online"));
    connection.on([EVENTS.USER_CONNECTED, EVENTS.USER_DISCONNECTED], (frame) => setOnline([frame]));
    connection.on(EVENTS.USER_STATUS, ({ users }) => setOnline(users));
    connection.on(EVENTS.HOURS_CHANGED, () => { this.#hoursAt = 0; this.markSeen(); });
  }

  async #refreshUser() {
    const user = await this.callApi("auth/me").catch(() => null);
    if (!user) return;
    Object.assign(this.user, user);
    this.#parts.plan.render();
  }
}
