// The forms of the administration: how many changes are not saved is counted, and leaving with some asks. Saving needs no script.

import "../ui/presence-beacon.js";

const forms = /** @type {HTMLFormElement[]} */ ([...document.querySelectorAll("form[data-edit]")]);
let isLeaving = false; // by a button that says so

/** The names of the fields that differ from what the page showed when it was opened. */
function changedFields(form) {
  const inputs = [...form.elements].filter((input) => input.name && input.type !== "hidden" && isChanged(input));
  return new Set(inputs.map((input) => input.name));
}

function isChanged(input) {
  if (input.type === "checkbox" || input.type === "radio") return input.checked !== input.defaultChecked;
  if (input instanceof HTMLSelectElement) return [...input.options].some((option) => option.selected !== option.defaultSelected);
  return input.value !== input.defaultValue;
}

/** What was sent and came back with an error is not saved either. */
function hasUnsaved(form) {
  return form.hasAttribute("data-unsaved") || changedFields(form).size > 0;
}

function countChanges(form) {
  const part = form.querySelector("[data-part=unsaved]");
  const { size } = changedFields(form);
  if (!part || form.hasAttribute("data-unsaved")) return;
  part.hidden = size === 0;
  part.querySelector("[data-part=unsaved-count]").textContent = size === 1 ? "1 cambio sin guardar" : `${size} cambios sin guardar`;
}

// On a narrow screen the sections are one line, of which the present one may be outside.
document.querySelector(".admin-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
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
