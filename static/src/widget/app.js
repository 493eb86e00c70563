// The widget on its page: who is signed in, and what they see in the panel.

import { callApi } from "../core/api.js";
import { setLanguage } from "../core/dates.js";
import { Session } from "../core/session.js";
import { MemberView } from "./member-view.js";
import { Panel } from "./panel.js";
import { SignIn } from "./sign-in.js";
import { storageOf } from "./storage.js";

const style = fetch(new URL("widget.css", import.meta.url)).then((answer) => answer.text());

class Widget {
  #member = null;
  #settings = null;
  #lastRestart = 0;

  constructor({ origin, emit, panel }) {
    this.origin = origin;
    this.emit = emit;
    this.panel = panel;
    this.session = new Session({ origin, storage: storageOf("session"), onChange: () => this.showCurrentUser() });
  }

  /** Show what the person who is signed in now sees, or the form to sign in with `problem`. */
  async showCurrentUser(problem = "") {
    const restart = this.#lastRestart += 1;
    const user = await this.session.getUser();
    if (restart !== this.#lastRestart) return;
    const { panel } = this;
    const { hasFocus } = panel;
    this.#member?.dispose();
    this.#member = user && new MemberView(this, user);
    panel.showContent(this.#member ?? new SignIn(this, problem), Boolean(user));
    if (user) this.emit("signin", user);
    panel.content.markSeen();
    if (hasFocus) panel.open();
  }

  /** Nothing of a person stays behind; the page and the other tabs are told. */
  async signOut() {
    const storage = this.#member?.storage;
    await this.session.signOut();
    await this.showCurrentUser();
    storage?.clear();
    if (storage) this.emit("signout");
  }

  /** The server does not accept the sign-in any more. What was typed stays. */
  endSession(problem) {
    this.session.signOut();
    this.showCurrentUser(problem);
    this.emit("signout");
  }

  /** `given` promises { token, refresh } of the page, if it knows the person. */
  async startSession(given) {
    const known = await given;
    if (known?.token) this.session.usePageToken(known);
    await this.showCurrentUser();
  }

  bookAppointment() {
    this.panel.open();
    this.#member?.bookAppointment();
  }

  /** Return { contact_phone, contact_email, attachment_bytes } of the server, or {} when they cannot be had. */
  async loadSettings() {
    this.#settings ??= await callApi(`${this.origin}/api/v1/widget`).catch(() => null);
    return this.#settings ?? {};
  }
}

/** Put the widget on the page, for whom it knows. Return what a page may call. */
export async function begin({ origin, lang, accent, isLeft, isOpen, hasLauncher, emit }, given) {
  setLanguage(lang);
  const panel = new Panel({ lang, accent, isLeft, hasLauncher, emit, style: await style, preferences: storageOf("look:") });
  const widget = new Widget({ origin, emit, panel });
  await widget.startSession(given);
  panel.openAsBefore(isOpen);
  return {
    open: () => panel.open(),
    close: () => panel.close(),
    book: () => widget.bookAppointment(),
    signOut: () => widget.signOut(),
    start: (known) => widget.startSession(known),
  };
}
