// How the member is told of what happens while they are away. Fetched when it is asked for: few change it.

import { attempt } from "./attempt.js";
import { h, makeButton, makePageLink, makeProblem, setText } from "./dom.js";

const PATH = "notices";
const HOURS = Array.from({ length: 24 }, (_, hour) => `${(hour + 11) % 12 + 1}:00\u00a0${hour < 12 ? "a.\u00a0m." : "p.\u00a0m."}`);

// What the style of the widget, which everybody loads, does not have.
const style = new CSSStyleSheet();
style.replaceSync(`
  #notices-form .w-choice { min-block-size: 44px; font-size: 15px; }
  #notices-form input { inline-size: 20px; block-size: 20px; margin: 0; accent-color: currentColor; }
  #notices-form select { min-block-size: 44px; padding: 8px 12px; border: 1px solid; border-radius: 8px; background: none; color: inherit; font: inherit; }
`);

const makeSwitch = (label, props) => h("label.w-choice", {}, label, h("input", { type: "checkbox", role: "switch", ...props }));

/** `title` is read out before the name of the channel. */
const makeChannel = (title, label, name, isOn) => makeSwitch([h("span.w-vh", {}, `${title}, `), label], { name: "on", value: name, checked: isOn });

function makeHours(id, label, chosen) {
  const options = HOURS.map((text, hour) => h("option", { value: hour, selected: hour === chosen }, text));
  return h("div.w-field", {}, h("label", { for: id }, label), h("select", { id, name: id }, options));
}

function makeRow({ title, hint, push_name: pushName, is_pushed: isPushed, email_name: emailName, is_mailed: isMailed, has_email: hasEmail }, hasPush) {
  const channels = [hasPush && makeChannel(title, "Navegador", pushName, isPushed), emailName && makeChannel(title, "Correo", emailName, isMailed)];
  return (hasPush || hasEmail) && h("div.w-card", { role: "group", "aria-label": title }, h("h4.w-sub", {}, title), h("p.w-hint", {}, hint),
    channels.some(Boolean) && h("div.w-pair", {}, channels),
    hasEmail && !emailName && h("p.w-hint", {}, "El correo se envía siempre."));
}

/** Return what stays switched off, and what has been: `shown` are the switches of the form. */
const findSwitchedOff = ({ rows }, shown) => {
  const off = rows.flatMap((row) => [!row.is_pushed && row.push_name, row.email_name && !row.is_mailed && row.email_name]).filter(Boolean);
  const names = shown.map(({ value }) => value);
  return [...off.filter((name) => !names.includes(name)), ...shown.filter(({ checked }) => !checked).map(({ value }) => value)];
};

/**
 * Show the form in place of the sheet of a part, with what the member has chosen. Throws Refused.
 * @param {HTMLElement} part
 * @param {string} origin of the pages
 * @param {(path: string, options?: object) => Promise<any>} callApi
 */
export async function showNoticeForm(part, origin, callApi) {
  const chosen = await callApi(PATH);
  const { email, has_push: hasPush, rows, quiet_hours: quiet } = chosen;
  if (part.querySelector("#notices-form")) return; // asked for twice
  const sheet = /** @type {HTMLElement} */ (part.firstChild);
  const goBack = () => {
    form.remove();
    sheet.hidden = false;
    /** @type {HTMLElement} */ (sheet.querySelector("#plan-notices")).focus();
  };
  const problem = makeProblem("notices-problem"), done = h("p", { id: "notices-done", role: "status" });
  const hours = h("div.w-pair", { hidden: !quiet.is_on }, makeHours("notices-from", "Desde", quiet.begins), makeHours("notices-until", "Hasta", quiet.ends));
  const hush = makeSwitch("No avisar a estas horas", { id: "notices-quiet", checked: quiet.is_on, onchange: () => { hours.hidden = !hush.lastChild.checked; } });
  const save = h("button.w-btn.w-main", { type: "submit", id: "notices-save" }, "Guardar");
  const form = h("form.w-sheet", { id: "notices-form", tabindex: -1, "aria-label": "Cómo le avisamos" },
    h("h3.w-title", {}, "Cómo le avisamos"),
    h("p.w-hint", {}, "En la pantalla bloqueada nunca sale el motivo de una cita ni lo que dice un mensaje."),
    rows.map((row) => makeRow(row, hasPush)),
    h("div.w-card", {}, h("h4.w-sub", {}, "Horas de silencio"), hush, hours,
      h("p.w-hint", {}, "Hora de Colombia. Lo que llegue en ese rato espera hasta el final; solo avisamos enseguida si es de una cita de esa misma mañana.")),
    h("p.w-hint", {}, `Los correos van a ${email}. Los de su cuenta y su seguridad se envían siempre.`),
    hasPush && makePageLink(`${origin}/mi/avisos`, "Recibir avisos en este navegador", "w-link"),
    problem, done, save, makeButton("w-btn", "Volver", goBack, { id: "notices-back" }));
  form.oninput = () => setText(done, "");
  form.onsubmit = async (event) => {
    event.preventDefault();
    setText(done, "");
    save.disabled = true;
    const values = new FormData(form);
    const body = {
      off: findSwitchedOff(chosen, [...form.querySelectorAll("[name=on]")]),
      quiet_hours: hush.lastChild.checked ? { begins: Number(values.get("notices-from")), ends: Number(values.get("notices-until")) } : null,
    };
    const refused = await attempt(problem, () => callApi(PATH, { method: "PUT", body }));
    save.disabled = false;
    if (!refused) setText(done, "Listo: guardamos cómo le avisamos.");
  };
  const root = /** @type {ShadowRoot} */ (part.getRootNode());
  if (!root.adoptedStyleSheets.includes(style)) root.adoptedStyleSheets.push(style);
  sheet.hidden = true;
  part.append(form);
  form.focus();
}
