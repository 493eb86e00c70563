// The button of the widget and its panel: head, menu, and the content, which is the form to sign in or a member's view.

import { makeButton, h, makeIcon, setText, makeIconButton } from "./dom.js";
import { beep } from "./sound.js";

const NAME = "Beneficiate";
const RING_MS = 3_000; // of the tabs of one person, one sounds
const SMALL = "(max-width: 560px)";
const KEYBOARD_PX = 120; // the least that a keyboard takes from a screen

export const hasTouch = () => matchMedia("(pointer: coarse)").matches;

export class Panel {
  #emit;
  #preferences; // open or not, and sound: of this browser
  #root;
  #avatar = h("span.w-avatar", { "aria-hidden": "true" });
  #name = h("h2.w-name", { id: "head-name" });
  #status = h("p.w-status", { id: "head-status" });
  #menu = h("div.w-menu", { id: "menu", hidden: true });
  #more = makeIconButton("more", "Opciones", () => this.#showMenu(this.#menu.hidden), { id: "options", "aria-controls": "menu" });
  #body = h("div.w-part");
  #panel;
  #badge = h("span.w-count", { id: "badge" });
  #launcher;
  /** @type {{ elements: Node[], unread: number, menuItems: Function, markSeen: Function, focus: Function }} */
  content = { elements: [], unread: 0, menuItems: () => [], markSeen() {}, focus() {} }; // until it is known who is signed in

  constructor({ lang, accent, isLeft, hasLauncher, emit, style, preferences }) {
    this.#emit = emit;
    this.#preferences = preferences;
    const host = h("div", { id: "beneficiate", lang });
    if (accent) {
      host.style.setProperty("--beneficiate-accent", accent);
      host.dataset.accent = "";
    }
    if (isLeft) host.dataset.left = "";
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    this.#root = host.attachShadow({ mode: "open" });
    this.#root.adoptedStyleSheets = [sheet];
    this.#panel = this.#makePanel();
    this.#launcher = makeButton("w-open", "", () => (this.isOpen ? this.close() : this.open()), { id: "launcher", "aria-controls": "panel", hidden: !hasLauncher });
    this.#root.append(this.#panel, this.#launcher);
    document.body.append(host);
    this.#addListeners();
  }

  get isOpen() { return !this.#panel.hidden; }
  /** Whether somebody sees it. */
  get isVisible() { return this.isOpen && document.visibilityState === "visible"; }
  get hasFocus() { return this.#panel.contains(this.#root.activeElement); }

  showContent(content, isSignedIn) {
    this.content = content;
    this.#panel.dataset.signedIn = isSignedIn;
    if (!isSignedIn) this.renderHead([]);
    this.#body.replaceChildren(...content.elements);
    this.renderLauncher();
  }

  /** As it was when the page was left; else as the page wants, but not over all of a small screen. */
  openAsBefore(isWanted) {
    if (this.#preferences.get("open") ?? (isWanted && !matchMedia(SMALL).matches)) this.#setOpen(true);
  }

  open() {
    if (!this.isOpen) this.#setOpen(true);
    this.#panel.focus();
    this.enterContent();
  }

  close() {
    const hadFocus = this.#root.activeElement;
    if (this.isOpen) this.#setOpen(false);
    if (hadFocus) this.#launcher.focus();
  }

  /** Move the focus from the panel into its content. A keyboard that slides over half the screen is not opened unasked. */
  enterContent() {
    if (this.#root.activeElement === this.#panel && !hasTouch()) this.content.focus();
  }

  renderHead([status = "Chat y citas", name = NAME, initials = ""]) {
    setText(this.#name, name);
    setText(this.#status, status);
    this.#avatar.replaceChildren(initials || makeIcon("mark"));
  }

  renderLauncher() {
    const unread = this.content.unread;
    this.#badge.hidden = !unread;
    setText(this.#badge, String(unread));
    this.#launcher.replaceChildren(makeIcon(this.isOpen ? "x" : "chat"), this.#badge);
    this.#launcher.setAttribute("aria-label", this.isOpen ? "Cerrar el chat" : `Abrir el chat${unread ? `, ${unread} sin leer` : ""}`);
    this.#launcher.setAttribute("aria-expanded", this.isOpen);
  }

  /** Sound once in all tabs for what has this id, if sound is on and nobody sees the panel. */
  playSound(id) {
    if (!this.#preferences.get("sound") || this.isVisible) return;
    navigator.locks?.request(`ring:${id}`, { ifAvailable: true }, (lock) => lock && new Promise((done) => {
      beep();
      setTimeout(done, RING_MS);
    })).catch(beep);
  }

  #makePanel() {
    const range = makeIcon("range", "w-range", "0 0 380 44");
    range.setAttribute("preserveAspectRatio", "none");
    const minimise = makeIconButton("down", "Minimizar el chat", () => this.close(), { id: "minimise" });
    const head = h("div.w-head", {}, range, this.#avatar, h("div", {}, this.#name, this.#status), this.#more, minimise);
    return h("section.w", { id: "panel", role: "dialog", "aria-label": "Chat de Beneficiate", tabindex: -1, hidden: true }, head, this.#menu, this.#body);
  }

  #addListeners() {
    const panel = this.#panel;
    panel.onkeydown = ({ key }) => {
      if (key !== "Escape") return;
      if (this.#menu.hidden) { this.close(); return; }
      this.#showMenu(false);
      this.#more.focus();
    };
    // What a link opens is not to be behind a panel that fills the screen, if the chat is on that page too.
    panel.onclick = ({ target }) => { if (target.closest("a[target]") && matchMedia(SMALL).matches) this.#preferences.set("open", false); };
    panel.onfocusout = ({ relatedTarget: to }) => {
      if (to && to !== this.#more && !this.#menu.contains(to)) this.#showMenu(false);
    };
    document.addEventListener("visibilitychange", () => this.content.markSeen());
    // On a phone the keyboard takes its place from the panel, also where dvh does not know of it.
    const fitKeyboard = () => {
      const { height, offsetTop } = visualViewport;
      const isSmall = innerHeight - height > KEYBOARD_PX && matchMedia(SMALL).matches;
      Object.assign(panel.style, { height: isSmall ? `${height}px` : "", top: isSmall ? `${offsetTop}px` : "" });
    };
    for (const type of ["resize", "scroll"]) visualViewport?.addEventListener(type, fitKeyboard);
  }

  #setOpen(isOpen) {
    this.#panel.hidden = !isOpen;
    this.#preferences.set("open", isOpen);
    this.#showMenu(false);
    this.renderLauncher();
    this.content.markSeen();
    this.#emit(isOpen ? "open" : "close");
  }

  #showMenu(isShown) {
    this.#menu.hidden = !isShown;
    this.#more.setAttribute("aria-expanded", isShown);
    if (!isShown) return;
    const makeItem = (text, action, id) => makeButton("w-do", text, () => { this.#showMenu(false); this.#more.focus(); action(); }, { id });
    const hasSound = this.#preferences.get("sound");
    const switchSound = () => {
      this.#preferences.set("sound", !hasSound);
      if (!hasSound) beep();
    };
    this.#menu.replaceChildren(makeItem(`Sonido: ${hasSound ? "sí" : "no"}`, switchSound, "sound"), ...this.content.menuItems(makeItem));
    this.#menu.firstChild.focus();
  }
}
