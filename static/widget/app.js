// The widget: its button and its panel, who is signed in, and the four parts that a member sees.

import { makeBot } from "./bot.js";
import { makeChat } from "./chat.js";
import { button, h, icon, link, paint, say, tool } from "./dom.js";
import { Outbox } from "./outbox.js";
import { makePlan } from "./plan.js";
import { Session, SignedOut } from "./session.js";
import { shelfOf } from "./shelf.js";
import { makeVisits } from "./visits.js";
import { Wire } from "./wire.js";
import { speak, words } from "./words.js";

const BREATH_MS = 1_500;   // a cut shorter than a breath is not worth a sentence
const RING_MS = 3_000;     // of the tabs of one person, one sounds
const HOURS_MS = 60_000;
const style = fetch(new URL("widget.css", import.meta.url)).then((answer) => answer.text());

/** Put it on the page. Returns what a page may call. */
export async function begin(settings) {
  const { origin, emit } = settings;
  speak(settings.lang);
  const host = h("div", { id: "beneficiate", lang: settings.lang });
  const root = host.attachShadow({ mode: "open" });
  await dress(root);
  if (settings.accent) {
    host.style.setProperty("--beneficiate-accent", settings.accent);
    host.dataset.accent = "";
  }
  if (settings.isLeft) host.dataset.left = "";

  const look = shelfOf("beneficiate:widget:look:"); // open or not, which part, sound: of this browser
  const session = new Session(origin, () => restart());
  let member = null;
  let attempt = 0;

  // ---- The panel ---------------------------------------------------------------------

  const face = h("span.w-face", { "aria-hidden": "true" });
  const name = h("h2.w-name", { id: "head-name" });
  const status = h("p.w-status", { id: "head-status" });
  const menu = h("div.w-menu", { id: "menu", hidden: true });
  const more = tool("more", words.options, { id: "options", "aria-expanded": "false", "aria-controls": "menu", onclick: () => showMenu(menu.hidden) });
  const minimise = tool("down", words.minimise, { id: "minimise", onclick: () => close() });
  const body = h("div.w-body");
  const panel = h("section.w", { id: "panel", role: "dialog", "aria-label": words.panel, tabindex: -1, hidden: true },
    h("header.w-head", {}, icon("range", "w-range", "0 0 380 44"), face, h("div", {}, name, status), more, minimise), menu, body);
  panel.querySelector(".w-range").setAttribute("preserveAspectRatio", "none");
  const badge = h("span.w-badge", { id: "badge", hidden: true, "aria-hidden": "true" });
  const launcher = h("button.w-open", { type: "button", id: "launcher", "aria-controls": "panel", hidden: !settings.hasLauncher, onclick: () => (panel.hidden ? open() : close()) });
  root.append(panel, launcher);

  const isPhone = () => matchMedia("(max-width: 560px)").matches;
  const isShown = () => !panel.hidden && document.visibilityState === "visible";

  function drawLauncher() {
    const unread = member?.unread ?? 0;
    badge.hidden = !unread;
    say(badge, unread > 99 ? "99+" : String(unread));
    launcher.replaceChildren(icon(panel.hidden ? "chat" : "x", ""), badge);
    launcher.setAttribute("aria-label", panel.hidden ? words.open(unread) : words.close);
    launcher.setAttribute("aria-expanded", !panel.hidden);
  }

  function open() {
    if (panel.hidden) {
      panel.hidden = false;
      look.set("open", true);
      drawLauncher();
      fit();
      member?.shown();
      emit("open");
    }
    // A keyboard that slides over half the screen is not opened unasked.
    if (matchMedia("(pointer: coarse)").matches) panel.focus();
    else (body.querySelector("#email") ?? member)?.focus();
  }

  function close() {
    if (panel.hidden) return;
    const hadFocus = root.activeElement;
    panel.hidden = true;
    showMenu(false);
    look.set("open", false);
    drawLauncher();
    if (hadFocus) launcher.focus();
    emit("close");
  }

  function showMenu(is) {
    if (is) {
      const item = (text, act, props) => h("button.w-item-do", { type: "button", onclick: () => { showMenu(false); more.focus(); act(); }, ...props }, text);
      const hasSound = Boolean(look.get("sound"));
      menu.replaceChildren(
        item(words.sound(hasSound), () => { look.set("sound", !hasSound); if (!hasSound) beep(); }, { id: "sound", "aria-pressed": hasSound ? "true" : "false" }),
        ...(member ? member.menu(item) : []));
    }
    menu.hidden = !is;
    more.setAttribute("aria-expanded", is);
    if (is) menu.firstChild.focus();
  }

  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    if (menu.hidden) { close(); return; }
    showMenu(false);
    more.focus();
  });
  panel.addEventListener("focusin", ({ target }) => { if (!menu.contains(target) && target !== more) showMenu(false); });
  document.addEventListener("visibilitychange", () => { if (isShown()) member?.shown(); });

  /** On a phone the keyboard takes its place from the panel, also where dvh does not know of it. */
  function fit() {
    const { height, offsetTop } = visualViewport;
    const hasKeyboard = isPhone() && innerHeight - height > 120;
    panel.style.blockSize = hasKeyboard ? `${height}px` : "";
    panel.style.insetBlockStart = hasKeyboard ? `${offsetTop}px` : "";
  }
  for (const word of ["resize", "scroll"]) window.visualViewport?.addEventListener(word, fit);

  // ---- Who is signed in ----------------------------------------------------------------

  async function restart(said = "") {
    const mine = attempt += 1;
    const user = await session.whoever();
    if (mine !== attempt) return;
    const hadFocus = Boolean(root.activeElement) && !panel.hidden && !launcher.matches(":focus");
    member?.leave();
    member = null;
    panel.dataset.signedIn = Boolean(user);
    showMenu(false);
    if (user) {
      member = enter(user);
      emit("signin", user);
      if (isShown()) member.shown();
    } else {
      drawHead({});
      body.replaceChildren(signInForm(said));
    }
    drawLauncher();
    if (hadFocus) open();
  }

  function signInForm(said) {
    const problem = h("p.w-problem", { id: "sign-in-problem", role: "alert" }, said);
    const field = (id, label, props) => h("div.w-field", {}, h("label", { for: id }, label), h("input", { id, name: id, required: true, ...props }));
    const go = h("button.w-btn.w-btn--main", { type: "submit", id: "sign-in-go" }, words.enter);
    const form = h("form.w-sheet", {
      id: "sign-in",
      onsubmit: async (event) => {
        event.preventDefault();
        const { email, password } = Object.fromEntries(new FormData(form));
        say(problem, "");
        go.disabled = true;
        try {
          await session.signIn(email, password);
          await restart();
        } catch (refusal) {
          say(problem, refusal.message);
          go.disabled = false;
        }
      },
    }, h("h3.w-title", {}, words.sign_in), h("p.w-hint", {}, words.sign_in_why), problem,
    field("email", words.email, { type: "email", autocomplete: "username" }), field("password", words.password, { type: "password", autocomplete: "current-password" }), go);
    return form;
  }

  /** Nothing of a person stays behind; the page and the other tabs hear of it. */
  async function signOut() {
    const { user, shelf } = member ?? {};
    await session.signOut();
    await restart();
    shelf?.clear();
    if (user) emit("signout");
  }

  function drawHead({ name: who = words.name, status: what = words.online_here, face: initials }) {
    say(name, who);
    say(status, what);
    if (face.initials === (initials ?? "")) return;
    face.initials = initials ?? "";
    face.replaceChildren(initials || icon("mark", "w-mark"));
  }

  // ---- What a member has ---------------------------------------------------------------

  function enter(user) {
    const wire = new Wire(`${origin.replace("http", "ws")}/ws`, session.getToken);
    const shelf = session.shelfFor(user.id);
    const online = new Map();
    const news = { chat: 0, bot: 0, visits: 0 };
    const notices = new Map();
    let shown = "chat";
    let breath = 0;
    let wasOpen = false;
    let hoursAt = 0;

    const it = {
      user, wire, shelf, origin,
      call: (path, options) => session.call(path, options),
      hours: { is_open: true, sentence: "" },
      outbox: null,
      isShown: (part) => shown === part && isShown(),
      note(part, count) {
        if (news[part] === count) return;
        news[part] = count;
        say(counts[part], count ? String(count) : "");
        counts[part].hidden = !count;
        counts[part].setAttribute("aria-label", words.unread(count));
        drawLauncher();
        emit("unread", unread());
      },
      news: (part) => { if (!it.isShown(part)) it.note(part, news[part] + 1); },
      go,
      book: () => { go("bot"); parts.bot.start(); },
      head: () => { if (parts) drawHead(parts[shown].head((id) => online.get(id) ?? false)); },
      self: () => ({ name: words.name, status: [`${user.first_name} ${user.last_name}`.trim(), user.plan && words.plan(user.plan.name).replace("Plan", "plan")].filter(Boolean).join(", ") }),
      notice,
      ring,
      /** The refusal, said in `problem`; nothing when it went well. */
      async ask(problem, word, fields) {
        if (problem) say(problem, "");
        try { await wire.ask(word, fields); return null; } catch (refusal) {
          if (problem) say(problem, refusal.message || words.no_network);
          return refusal;
        }
      },
    };
    const unread = () => Object.values(news).reduce((sum, one) => sum + one);

    const connection = h("p.w-bar", { id: "connection", role: "status", hidden: true });
    const noticeList = h("div.w-notices", { id: "notices", role: "status" });
    let parts = null;
    it.outbox = new Outbox(it, () => parts?.chat.draw());
    parts = { chat: makeChat(it), bot: makeBot(it), visits: makeVisits(it), plan: makePlan(it) };
    const names = Object.keys(parts);
    const counts = Object.fromEntries(names.map((part) => [part, h("span.w-count", { id: `${part}-news`, hidden: true })]));
    const tabs = names.map((part) => h("button.w-tab", { type: "button", role: "tab", id: `tab-${part}`, "aria-controls": `part-${part}`, onclick: () => go(part) }, words.tabs[part], counts[part]));
    for (const part of names) Object.entries({ id: `part-${part}`, role: "tabpanel", "aria-labelledby": `tab-${part}` }).forEach((pair) => parts[part].el.setAttribute(...pair));
    const tabList = h("div.w-tabs", {
      role: "tablist", "aria-label": words.sections,
      onkeydown: (event) => {
        const at = names.indexOf(shown);
        const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        const next = (to + names.length) % names.length;
        show(names[next]);
        tabs[next].focus();
      },
    }, tabs);
    body.replaceChildren(tabList, connection, noticeList, ...names.map((part) => parts[part].el));

    function show(part) {
      shown = part;
      shelf.set("part", part);
      names.forEach((one, at) => {
        tabs[at].setAttribute("aria-selected", one === part);
        tabs[at].tabIndex = one === part ? 0 : -1;
        parts[one].el.hidden = one !== part;
      });
      it.head();
      speakOfConnection();
      if (!panel.hidden) seen();
    }

    function go(part) {
      show(part);
      if (!panel.hidden && !matchMedia("(pointer: coarse)").matches) parts[part].focus();
    }

    function seen() {
      if (shown === "chat") parts.chat.read();
      else if (shown in news) it.note(shown, 0);
    }

    async function askHours() {
      if (Date.now() - hoursAt < HOURS_MS) return;
      hoursAt = Date.now();
      // Who cannot say when the house is open does not close it.
      it.hours = await it.call("hours").catch(() => it.hours);
      parts.chat.draw();
    }

    /** `more` = { hint, actions: [[label, id, (problem) => …]] }; without actions it can be closed. Returns what ends it. */
    function notice(key, kind, picture, title, text, { hint, actions } = {}) {
      const end = () => {
        const hadFocus = notices.get(key)?.contains(root.activeElement);
        notices.delete(key);
        draw();
        if (hadFocus) tabs[names.indexOf(shown)].focus();
      };
      const problem = h("p.w-problem", { role: "alert" });
      const card = h("div.w-notice", { "data-notice": kind }, icon(picture), h("div", {}, h("b", {}, title), h("p", {}, text), hint && h("p.w-hint", {}, hint), problem,
        actions && h("p.w-pair", {}, actions.map(([label, id, act]) => Object.assign(button(label, () => act(problem)), { id: `notice-${id}` })))),
      !actions && tool("x", words.dismiss, { onclick: end }));
      notices.set(key, card);
      const draw = () => noticeList.replaceChildren(...notices.values());
      draw();
      return () => { if (notices.get(key) === card) end(); };
    }

    function speakOfConnection() {
      const { name: state, reason } = wire.state;
      connection.dataset.state = state;
      if (state === "open") { clearTimeout(breath); breath = 0; connection.hidden = true; return; }
      const isStopped = state === "stopped";
      const tell = () => {
        const [title, text] = isStopped ? ["", words.stopped[reason]] : !wasOpen ? words.connecting : shown === "bot" ? words.bot_waits : words.reconnecting;
        paint(connection, [[title + text + isStopped, () => h("span", {}, icon(isStopped ? "alert" : "turn", isStopped ? "w-icon" : "w-icon w-turning"), h("span", { "data-part": "say" }, title && h("b", {}, title), text),
          isStopped && link(words.again, () => wire.connect(), { "data-do": "again" }))]]);
        connection.hidden = false;
      };
      if (isStopped || !connection.hidden) tell();
      else breath ||= setTimeout(() => { if (!wire.isOpen) tell(); }, BREATH_MS); // from the cut on, however often it is tried
    }

    wire.on("state", ({ name: state, reason }) => {
      if (reason === "signed_out") { session.signOut(); restart(words.signed_out); emit("signout"); return; }
      speakOfConnection();
      if (state !== "open") return;
      wasOpen = true;
      it.call("auth/me").then((me) => { Object.assign(user, me); parts.plan.draw(); }).catch(() => {});
    });
    wire.on("online_users", ({ users }) => {
      online.clear();
      users.forEach(({ id }) => online.set(id, true));
      it.head();
    });
    const set = ({ user_id: id, status: presence }) => { online.set(id, presence === "online"); it.head(); };
    for (const word of ["user_connected", "user_disconnected"]) wire.on(word, set);
    wire.on("user_status", ({ users }) => users.forEach(set));

    show(shelf.get("part") in parts ? shelf.get("part") : "chat");
    parts.chat.draw();
    wire.connect();

    return {
      user,
      shelf,
      get unread() { return unread(); },
      focus: () => parts[shown].focus(),
      shown() { askHours(); seen(); },
      menu: (item) => {
        const { chat } = parts.chat;
        return [
          chat && item(words.transcript, () => parts.chat.transcript().catch(() => {}), { id: "menu-transcript" }),
          chat && chat.status !== "CLOSED" && item(words.end_chat, () => parts.chat.end(), { id: "menu-end" }),
          item(words.sign_out, signOut, { id: "sign-out" }),
        ].filter(Boolean);
      },
      leave() {
        parts.chat.leave();
        it.outbox.end();
        wire.close();
        clearTimeout(breath);
      },
    };
  }

  // ---- Sound: off until it is switched on ------------------------------------------------

  let audio = null;

  function ring(id) {
    if (!look.get("sound") || isShown()) return;
    if (!navigator.locks) { beep(); return; }
    navigator.locks.request(`beneficiate:widget:ring:${id}`, { ifAvailable: true }, (lock) => lock && new Promise((done) => { beep(); setTimeout(done, RING_MS); }));
  }

  function beep() {
    audio ??= new AudioContext();
    audio.resume();
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    tone.frequency.value = 660;
    volume.gain.setValueAtTime(0.08, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.35);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.35);
  }

  // ---- The beginning -------------------------------------------------------------------

  (document.body ?? document.documentElement).append(host);
  await restart();
  if (look.get("open") ?? (settings.isOpen && !isPhone())) {
    panel.hidden = false;
    drawLauncher();
    member?.shown();
  }

  return {
    async start(given) {
      if (given?.token) session.give(given);
      await restart();
    },
    open,
    close,
    signOut,
  };
}

async function dress(root) {
  const text = await style;
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    root.adoptedStyleSheets = [sheet];
  } catch {
    root.append(h("style", {}, text)); // an older browser; the page's policy may have to allow it
  }
}
