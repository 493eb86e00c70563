// The widget: its button and its panel, who is signed in, and the four parts that a member sees.

import { Connection } from "../core/connection.js";
import { setLanguage } from "../core/dates.js";
import { NO_NETWORK } from "../core/errors.js";
import { Outbox } from "../core/outbox.js";
import { Session } from "../core/session.js";
import { jsonStorage } from "../core/storage.js";
import { makeAppointments } from "./appointments.js";
import { makeAssistant } from "./assistant.js";
import { makeChat } from "./chat.js";
import { button, field, h, icon, link, problemOf, say, tool } from "./dom.js";
import { makePlan, planName } from "./plan.js";

const BREATH_MS = 1_500;   // a cut shorter than a breath is not worth a sentence
const RING_MS = 3_000;     // of the tabs of one person, one sounds
const HOURS_MS = 60_000;
const NAME = "Beneficiate";
const PREFIX = "beneficiate:widget:"; // of all that is stored
const TABS = { chat: "Chat", bot: "Asistente", visits: "Mis citas", plan: "Mi plan" };
const STOPPED = {
  signed_out: "Su sesión terminó. Lo que escribió está guardado: ingrese de nuevo para enviarlo.",
  abuse: "Cerramos la conexión porque llegaron demasiados mensajes con errores.",
  revoked: "Su cuenta ya no tiene acceso. Si no lo esperaba, llámenos.",
  too_many: "El chat está abierto en demasiadas ventanas: cierre otras para seguir aquí.",
};
const style = fetch(new URL("widget.css", import.meta.url)).then((answer) => answer.text());

/** Put it on the page. Returns what a page may call. */
export async function begin({ origin, lang, accent, isLeft, isOpen, hasLauncher, emit }) {
  setLanguage(lang);
  const host = h("div", { id: "beneficiate", lang });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(await style);
  root.adoptedStyleSheets = [sheet];
  if (accent) {
    host.style.setProperty("--beneficiate-accent", accent);
    host.dataset.accent = "";
  }
  if (isLeft) host.dataset.left = "";

  const look = jsonStorage(`${PREFIX}look:`); // open or not, and sound: of this browser
  const session = new Session({ origin, storage: jsonStorage(`${PREFIX}session`), onChange: () => restart() });
  let member = null;
  let attempts = 0;

  // ---- The panel ---------------------------------------------------------------------

  const face = h("span.w-face", { "aria-hidden": "true" });
  const name = h("h2.w-name", { id: "head-name" });
  const status = h("p.w-status", { id: "head-status" });
  const menu = h("div.w-menu", { id: "menu", hidden: true });
  const more = tool("more", "Opciones", () => showMenu(menu.hidden), { id: "options", "aria-controls": "menu" });
  const range = icon("range", "w-range", "0 0 380 44");
  range.setAttribute("preserveAspectRatio", "none");
  const body = h("div.w-part");
  const panel = h("section.w", { id: "panel", role: "dialog", "aria-label": "Chat de Beneficiate", tabindex: -1, hidden: true },
    h("header.w-head", {}, range, face, h("div", {}, name, status), more, tool("down", "Minimizar el chat", close, { id: "minimise" })), menu, body);
  const badge = h("span.w-count", { id: "badge" });
  const launcher = button("w-open", "", () => (panel.hidden ? open() : close()), { id: "launcher", "aria-controls": "panel", hidden: !hasLauncher });
  root.append(panel, launcher);

  const isHere = () => !panel.hidden && document.visibilityState === "visible";
  const isTouched = () => matchMedia("(pointer: coarse)").matches;

  function drawLauncher() {
    const unread = member?.unread() ?? 0;
    badge.hidden = !unread;
    say(badge, String(unread));
    launcher.replaceChildren(icon(panel.hidden ? "chat" : "x"), badge);
    launcher.setAttribute("aria-label", panel.hidden ? `Abrir el chat${unread ? `, ${unread} sin leer` : ""}` : "Cerrar el chat");
    launcher.setAttribute("aria-expanded", !panel.hidden);
  }

  function show(is) {
    panel.hidden = !is;
    look.set("open", is);
    showMenu(false);
    drawLauncher();
    member?.seen();
    emit(is ? "open" : "close");
  }

  function open() {
    if (panel.hidden) show(true);
    panel.focus();
    enterIt();
  }

  /** From the panel into what is in it. A keyboard that slides over half the screen is not opened unasked. */
  function enterIt() {
    if (root.activeElement === panel && !isTouched()) (body.querySelector("#email") ?? member)?.focus();
  }

  function close() {
    const hadFocus = root.activeElement;
    if (!panel.hidden) show(false);
    if (hadFocus) launcher.focus();
  }

  function showMenu(is) {
    menu.hidden = !is;
    more.setAttribute("aria-expanded", is);
    if (!is) return;
    const item = (text, act, id) => button("w-do", text, () => { showMenu(false); more.focus(); act(); }, { id });
    const hasSound = look.get("sound");
    menu.replaceChildren(item(`Sonido: ${hasSound ? "sí" : "no"}`, () => { look.set("sound", !hasSound); if (!hasSound) beep(); }, "sound"), ...member?.menu(item) ?? []);
    menu.firstChild.focus();
  }

  panel.onkeydown = ({ key }) => {
    if (key !== "Escape") return;
    if (menu.hidden) { close(); return; }
    showMenu(false);
    more.focus();
  };
  panel.onfocusout = ({ relatedTarget: to }) => { if (to && to !== more && !menu.contains(to)) showMenu(false); };
  document.addEventListener("visibilitychange", () => member?.seen());

  // On a phone the keyboard takes its place from the panel, also where dvh does not know of it.
  visualViewport.onresize = visualViewport.onscroll = () => {
    const { height, offsetTop } = visualViewport;
    const isSmall = innerHeight - height > 120 && matchMedia("(max-width: 560px)").matches;
    Object.assign(panel.style, { height: isSmall ? `${height}px` : "", top: isSmall ? `${offsetTop}px` : "" });
  };

  // ---- Who is signed in ----------------------------------------------------------------

  async function restart(said = "") {
    const mine = attempts += 1;
    const user = await session.whoever();
    if (mine !== attempts) return;
    const hadFocus = panel.contains(root.activeElement);
    member?.leave();
    member = null;
    panel.dataset.signedIn = Boolean(user);
    if (user) {
      member = enter(user);
      emit("signin", user);
    } else {
      drawHead([]);
      body.replaceChildren(signInForm(said));
    }
    drawLauncher();
    member?.seen();
    if (hadFocus) open();
  }

  function signInForm(said) {
    const problem = problemOf("sign-in-problem");
    const form = h("form.w-sheet", { id: "sign-in" }, h("h3.w-title", {}, "Ingrese para hablar con nosotros"), h("p.w-hint", {}, "Con su correo y su contraseña ve su chat, sus citas y su plan."), problem,
      field("email", "Correo", "input", { type: "email", autocomplete: "username", required: "" }), field("password", "Contraseña", "input", { type: "password", autocomplete: "current-password", required: "" }),
      h("button.w-btn.w-main", { type: "submit", id: "sign-in-go" }, "Ingresar"));
    say(problem, said);
    form.onsubmit = (event) => {
      event.preventDefault();
      attempt(problem, async () => {
        await session.signIn(Object.fromEntries(new FormData(form)));
        await restart();
      });
    };
    return form;
  }

  /** Nothing of a person stays behind; the page and the other tabs hear of it. */
  async function signOut() {
    const { storage } = member ?? {};
    await session.signOut();
    await restart();
    storage?.clear();
    if (storage) emit("signout");
  }

  function drawHead([what = "Una persona le responde aquí", who = NAME, initials = ""]) {
    say(name, who);
    say(status, what);
    face.replaceChildren(initials || icon("mark"));
  }

  /** Do it; the refusal, said in `problem`, or nothing when it went well. */
  async function attempt(problem, task) {
    say(problem, "");
    try { await task(); return null; } catch (refusal) {
      say(problem, refusal.message || NO_NETWORK);
      return refusal;
    }
  }

  // ---- What a member has ---------------------------------------------------------------

  function enter(user) {
    const connection = new Connection({ origin, getToken: session.getToken });
    const storage = jsonStorage(`${PREFIX}${user.id}:`);
    const online = {};
    const news = { chat: 0, bot: 0, visits: 0, plan: 0 };
    let shown = "";
    let parts = {};
    let breath = 0;
    let wasOpen = false;
    let hoursAt = 0;

    const it = {
      user, connection, storage, origin, attempt, go, enterIt,
      call: (path, options) => session.call(path, options),
      hours: { is_open: true },
      isShown: (part) => shown === part && isHere(),
      note(part, count) {
        if (news[part] === count) return;
        news[part] = count;
        counts[part].hidden = !count;
        say(counts[part], String(count));
        drawLauncher();
        emit("unread", unread());
      },
      news: (part) => { if (!it.isShown(part)) it.note(part, news[part] + 1); },
      book: () => { go("bot"); parts.bot.book(); },
      head: () => { if (parts[shown]) drawHead(parts[shown].head((id) => online[id])); },
      self: () => [`${user.first_name} ${user.last_name}${user.plan ? `, ${planName(user.plan).replace("P", "p")}` : ""}`],
      ask: (problem, word, fields) => attempt(problem, () => connection.ask(word, fields)),
      /** Something to be seen at once, whichever part is open. Without `more` it can be closed. Returns what ends it. */
      notice(kind, id, title, text, ...more) {
        const card = h("div.w-notice", { "data-notice": kind, "data-id": id }, h("div", {}, h("b", {}, title), h("p", {}, text), more), !more.length && tool("x", "Cerrar el aviso", () => end()));
        const end = () => {
          const hadFocus = card.contains(root.activeElement);
          card.remove();
          if (hadFocus) tabs[shown].focus();
        };
        notices.querySelector(`[data-notice=${kind}][data-id="${id}"]`)?.remove();
        notices.prepend(card);
        return end;
      },
      /** Of the tabs of one person, one sounds. */
      ring(id) {
        if (look.get("sound") && !isHere()) navigator.locks?.request(`ring:${id}`, { ifAvailable: true }, (lock) => lock && new Promise((done) => { beep(); setTimeout(done, RING_MS); }));
      },
    };
    const unread = () => Object.values(news).reduce((sum, one) => sum + one);

    const bar = h("p.w-bar", { id: "connection", role: "status", hidden: true });
    const notices = h("div.w-notices", { id: "notices", role: "status" });
    const [counts, tabs] = [{}, {}];
    it.outbox = new Outbox({
      storage: jsonStorage(`${storage.prefix}out:`),
      connection,
      onChange: () => parts.chat?.draw(),
      openChat: async () => (await connection.ask("request_agent")).chat.id,
    });
    parts = { chat: makeChat(it), bot: makeAssistant(it), visits: makeAppointments(it), plan: makePlan(it) };
    const names = Object.keys(parts);
    for (const part of names) {
      counts[part] = h("span.w-count", { id: `${part}-news`, hidden: true });
      tabs[part] = button("w-tab", [TABS[part], counts[part]], () => go(part), { role: "tab", id: `tab-${part}`, "aria-controls": `part-${part}` });
      Object.entries({ id: `part-${part}`, role: "tabpanel", class: "w-part", "aria-labelledby": `tab-${part}` }).forEach((pair) => parts[part].el.setAttribute(...pair));
    }
    const tabList = h("div.w-tabs", { role: "tablist", "aria-label": "Secciones" }, Object.values(tabs));
    tabList.onkeydown = (event) => {
      const at = names.indexOf(shown);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      turn(names.at(to % names.length));
      tabs[shown].focus();
    };
    body.replaceChildren(tabList, bar, notices, ...names.map((part) => parts[part].el));

    function turn(part) {
      shown = part;
      storage.set("part", part);
      for (const one of names) {
        tabs[one].setAttribute("aria-selected", one === part);
        tabs[one].tabIndex = one === part ? 0 : -1;
        parts[one].el.hidden = one !== part;
      }
      it.head();
      seen();
    }

    function go(part) {
      turn(part);
      if (!panel.hidden && !isTouched()) parts[part].focus();
    }

    async function seen() {
      if (!isHere()) return;
      if (shown === "chat") parts.chat.seen(); else it.note(shown, 0);
      if (Date.now() - hoursAt < HOURS_MS) return;
      hoursAt = Date.now();
      // Who cannot say when the house is open does not close it.
      it.hours = await it.call("hours").catch(() => it.hours);
      parts.chat.draw();
    }

    function tell() {
      const { name: state, reason } = connection.state;
      bar.hidden = connection.isOpen;
      if (state === "stopped") bar.replaceChildren(icon("failed"), h("span", { "data-part": "say" }, STOPPED[reason], " ", link("Intentar de nuevo", () => connection.connect(), { "data-do": "again" })));
      else {
        const text = shown === "bot" ? "Lo que ya respondió está guardado; el asistente sigue al volver." : "Siga escribiendo: sus mensajes se guardan aquí y se envían al volver.";
        bar.replaceChildren(icon("turn", "w-icon w-turning"), h("span", { "data-part": "say" }, h("b", {}, wasOpen ? "Reconectando…" : "Conectando…"), text));
      }
    }

    connection.on("state", ({ name: state, reason }) => {
      bar.dataset.state = state;
      if (reason === "signed_out") { session.signOut(); restart(STOPPED[reason]); emit("signout"); return; }
      if (state === "open" || state === "stopped") { clearTimeout(breath); breath = 0; tell(); }
      else breath ||= setTimeout(tell, BREATH_MS); // from the cut on, however often it is tried
      if (state !== "open") return;
      wasOpen = true;
      it.call("auth/me").then((me) => { Object.assign(user, me); parts.plan.draw(); }).catch(() => {});
    });
    const meet = (users, status) => { users.forEach((one) => { online[one.user_id ?? one.id] = (status ?? one.status) === "online"; }); it.head(); };
    connection.on("online_users", ({ users }) => meet(users, "online"));
    connection.on(["user_connected", "user_disconnected"], (frame) => meet([frame]));
    connection.on("user_status", ({ users }) => meet(users));

    turn(storage.get("part") in parts ? storage.get("part") : "chat");
    parts.chat.draw();
    parts.plan.draw();
    connection.connect();

    return {
      storage, unread, seen,
      focus: () => parts[shown].focus(),
      menu: (item) => [
        ...parts.chat.chat ? [item("Descargar la conversación", parts.chat.transcript, "menu-transcript")] : [],
        ...parts.chat.chat && parts.chat.chat.status !== "CLOSED" ? [item("Terminar el chat", parts.chat.end, "menu-end")] : [],
        item("Cerrar sesión", signOut, "sign-out"),
      ],
      leave() {
        parts.chat.leave();
        it.outbox.end();
        connection.close();
        clearTimeout(breath);
      },
    };
  }

  /** Off until it is switched on. */
  function beep() {
    const audio = new AudioContext();
    const [tone, volume] = [audio.createOscillator(), audio.createGain()];
    volume.gain.setValueAtTime(0.08, 0);
    volume.gain.exponentialRampToValueAtTime(0.001, 0.4);
    tone.connect(volume).connect(audio.destination);
    tone.onended = () => audio.close();
    tone.start();
    tone.stop(0.4);
  }

  document.body.append(host);
  await restart();
  if (look.get("open") ?? (isOpen && !matchMedia("(max-width: 560px)").matches)) show(true);

  return {
    open,
    close,
    signOut,
    async start(given) {
      if (given?.token) session.give(given);
      await restart();
    },
  };
}
