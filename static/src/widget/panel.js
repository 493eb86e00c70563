// The button of the widget and its panel: head, menu, and the content, which is the form to sign in or a member's view.

import { button, h, icon, say, tool } from "./dom.js";
import { beep } from "./sound.js";

const NAME = "Beneficiate";
const RING_MS = 3_000; // of the tabs of one person, one sounds
const SMALL = "(max-width: 560px)";
const KEYBOARD_PX = 120; // the least that a keyboard takes from a screen

export const hasTouch = () => matchMedia("(pointer: coarse)").matches;

export class Panel {
  #emit;
  #look; // open or not, and sound: of this browser
  #root;
  #face = h("span.w-face", { "aria-hidden": "true" });
  #name = h("h2.w-name", { id: "head-name" });
  #status = h("p.w-status", { id: "head-status" });
  #menu = h("div.w-menu", { id: "menu", hidden: true });
  #more = tool("more", "Opciones", () => this.#showMenu(this.#menu.hidden), { id: "options", "aria-controls": "menu" });
  #body = h("div.w-part");
  #panel;
  #badge = h("span.w-count", { id: "badge" });
  #launcher;
  /** @type {{ elements: Node[], unread: number, menuItems: Function, seen: Function, focus: Function }} */
  content = { elements: [], unread: 0, menuItems: () => [], seen() {}, focus() {} }; // until it is known who is signed in

  constructor({ lang, accent, isLeft, hasLauncher, emit, style, look }) {
    this.#emit = emit;
    this.#look = look;
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
    this.#launcher = button("w-open", "", () => (this.isOpen ? this.close() : this.open()), { id: "launcher", "aria-controls": "panel", hidden: !hasLauncher });
    this.#root.append(this.#panel, this.#launcher);
    document.body.append(host);
    this.#listen();
  }

  get isOpen() { return !this.#panel.hidden; }
  /** Whether somebody sees it. */
  get isVisible() { return this.isOpen && document.visibilityState === "visible"; }
  get hasFocus() { return this.#panel.contains(this.#root.activeElement); }

  showContent(content, isSignedIn) {
    this.content = content;
    this.#panel.dataset.signedIn = isSignedIn;
    if (!isSignedIn) this.drawHead([]);
    this.#body.replaceChildren(...content.elements);
    this.drawLauncher();
  }

  /** As it was when the page was left; else as the page wants, but not over all of a small screen. */
  openAsBefore(isWanted) {
    if (this.#look.get("open") ?? (isWanted && !matchMedia(SMALL).matches)) this.#show(true);
  }

  open() {
    if (!this.isOpen) this.#show(true);
    this.#panel.focus();
    this.enterContent();
  }

  close() {
    const hadFocus = this.#root.activeElement;
    if (this.isOpen) this.#show(false);
    if (hadFocus) this.#launcher.focus();
  }

  /** Move the focus from the panel into its content. A keyboard that slides over half the screen is not opened unasked. */
  enterContent() {
    if (this.#root.activeElement === this.#panel && !hasTouch()) this.content.focus();
  }

  drawHead([status = "Chat y citas", name = NAME, initials = ""]) {
    say(this.#name, name);
    say(this.#status, status);
    this.#face.replaceChildren(initials || icon("mark"));
  }

  drawLauncher() {
    const unread = this.content.unread;
    this.#badge.hidden = !unread;
    say(this.#badge, String(unread));
    this.#launcher.replaceChildren(icon(this.isOpen ? "x" : "chat"), this.#badge);
    this.#launcher.setAttribute("aria-label", this.isOpen ? "Cerrar el chat" : `Abrir el chat${unread ? `, ${unread} sin leer` : ""}`);
    this.#launcher.setAttribute("aria-expanded", this.isOpen);
  }

  /** Sound once in all tabs for what has this id, if sound is on and nobody sees the panel. */
  ring(id) {
    if (!this.#look.get("sound") || this.isVisible) return;
    navigator.locks?.request(`ring:${id}`, { ifAvailable: true }, (lock) => lock && new Promise((done) => {
      beep();
      setTimeout(done, RING_MS);
    })).catch(beep);
  }

  #makePanel() {
    const range = icon("range", "w-range", "0 0 380 44");
    range.setAttribute("preserveAspectRatio", "none");
    const minimise = tool("down", "Minimizar el chat", () => this.close(), { id: "minimise" });
    const head = h("div.w-head", {}, range, this.#face, h("div", {}, this.#name, this.#status), this.#more, minimise);
    return h("section.w", { id: "panel", role: "dialog", "aria-label": "Chat de Beneficiate", tabindex: -1, hidden: true }, head, this.#menu, this.#body);
  }

  #listen() {
    const panel = this.#panel;
    panel.onkeydown = ({ key }) => {
      if (key !== "Escape") return;
      if (this.#menu.hidden) { this.close(); return; }
      this.#showMenu(false);
      this.#more.focus();
    };
    // What a link opens is not to be behind a panel that fills the screen, if the chat is on that page too.
    panel.onclick = ({ target }) => { if (target.closest("a[target]") && matchMedia(SMALL).matches) this.#look.set("open", false); };
    panel.onfocusout = ({ relatedTarget: to }) => {
      if (to && to !== this.#more && !this.#menu.contains(to)) this.#showMenu(false);
    };
    document.addEventListener("visibilitychange", () => this.content.seen());
    // On a phone the keyboard takes its place from the panel, also where dvh does not know of it.
    const fit = () => {
      const { height, offsetTop } = visualViewport;
      const isSmall = innerHeight - height > KEYBOARD_PX && matchMedia(SMALL).matches;
      Object.assign(panel.style, { height: isSmall ? `${height}px` : "", top: isSmall ? `${offsetTop}px` : "" });
    };
    for (const type of ["resize", "scroll"]) visualViewport?.addEventListener(type, fit);
  }

  #show(isOpen) {
    this.#panel.hidden = !isOpen;
    this.#look.set("open", isOpen);
    this.#showMenu(false);
    this.drawLauncher();
    this.content.seen();
    this.#emit(isOpen ? "open" : "close");
  }

  #showMenu(isShown) {
    this.#menu.hidden = !isShown;
    this.#more.setAttribute("aria-expanded", isShown);
    if (!isShown) return;
    const item = (text, action, id) => button("w-do", text, () => { this.#showMenu(false); this.#more.focus(); action(); }, { id });
    const hasSound = this.#look.get("sound");
    const switchSound = () => {
      this.#look.set("sound", !hasSound);
      if (!hasSound) beep();
    };
    this.#menu.replaceChildren(item(`Sonido: ${hasSound ? "sí" : "no"}`, switchSound, "sound"), ...this.content.menuItems(item));
    this.#menu.firstChild.focus();
  }
}
