// The forms of the administration: how many changes are not saved is counted, and leaving with some asks. Saving needs no script.

import "../ui/presence-beacon.js";

const forms = /** @type {HTMLFormElement[]} */ ([...document.querySelectorAll("form[data-edit]")]);
let isLeaving = false; // by a button that says so

const DIGEST = "sha256:"; // what is sent instead of a long text that was there before

/** The names of the fields that differ from what was there before. */
function changedFields(form) {
  const inputs = [...form.elements].filter((input) => input.name && input.type !== "hidden" && input.type !== "submit");
  return new Set(inputs.map((input) => input.name).filter((name) => isChanged(form, name, inputs.filter((input) => input.name === name))));
}

/** A page that came back with an error shows what was typed: what was there before is in a hidden field. */
function isChanged(form, name, inputs) {
  const before = form.elements.namedItem(`antes-${name}`)?.value;
  if (before?.startsWith(DIGEST)) return form.hasAttribute("data-unsaved") || inputs.some(isTouched);
  if (before === undefined) return inputs.some(isTouched);
  if (inputs[0].type !== "checkbox") return (inputs.find((input) => input.type !== "radio" || input.checked)?.value ?? "") !== before;
  const chosen = inputs.filter((input) => input.checked).map((input) => input.value);
  return chosen.sort().join(",") !== before.split(",").filter(Boolean).sort().join(",");
}

function isTouched(input) {
  if (input.type === "checkbox" || input.type === "radio") return input.checked !== input.defaultChecked;
  if (input instanceof HTMLSelectElement) return [...input.options].some((option) => option.selected !== option.defaultSelected);
  return input.value !== input.defaultValue;
}

function hasUnsaved(form) {
  return changedFields(form).size > 0;
}

function countChanges(form) {
  const part = form.querySelector("[data-part=unsaved]");
  const { size } = changedFields(form);
  if (!part) return;
  part.hidden = size === 0;
  part.querySelector("[data-part=unsaved-count]").textContent = size === 1 ? "1 cambio sin guardar" : `${size} cambios sin guardar`;
}

// On a narrow screen the sections are one line, of which the present one may be outside.
for (const shown of document.querySelectorAll(".admin-nav [aria-current], .levels-tabs [aria-current]")) {
  shown.scrollIntoView({ block: "nearest", inline: "center" });
}
for (const form of forms) {
  form.addEventListener("input", () => countChanges(form));
  form.addEventListener("submit", () => { isLeaving = !forms.some((other) => other !== form && hasUnsaved(other)); });
}
document.addEventListener("click", ({ target }) => {
  if (target instanceof Element && target.closest("[data-discard]")) isLeaving = true;
});
window.addEventListener("pageshow", () => { isLeaving = false; });
window.addEventListener("beforeunload", (event) => {
  if (!isLeaving && forms.some(hasUnsaved)) event.preventDefault();
});
