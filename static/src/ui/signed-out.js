// What becomes of a page whose sign-in has ended: its people are not shown any more, it leads to the sign-in, and what was typed
// waits in this tab for the same person.

const KEY = "beneficiate:typed";
// Not what is searched for, nor what is a setting or a secret.
const FIELDS = `textarea, form select,
  input:not([type=hidden], [type=password], [type=file], [type=search], [role], [role=search] *)`;

const ownId = () => /** @type {HTMLElement | null} */ (document.querySelector("#rail-me, #site-me"))?.dataset.userId;
const currentAddress = () => location.pathname + location.search;
const tryStorage = (task) => { try { return task(sessionStorage); } catch { return null; } };

const isChoice = ({ type }) => type === "radio" || type === "checkbox";
const defaultOf = (field) => ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value;

function isUnsaved(field) {
  if (isChoice(field)) return field.checked !== field.defaultChecked;
  return field.value !== (field.options ? defaultOf(field) : field.defaultValue);
}

const selectorOf = ({ id, name, value }) => (id ? `#${CSS.escape(id)}` : `[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);

const store = (kept) => tryStorage((stored) => stored.setItem(KEY, JSON.stringify(kept)));

/** `isSent`: the form is on its way, and most likely accepted. */
function storeTyped(isSent = false) {
  const fields = [...document.querySelectorAll(FIELDS)].filter(isUnsaved)
    .map((field) => [selectorOf(field), isChoice(field) ? field.checked : field.value]);
  if (fields.length) store({ userId: ownId(), address: currentAddress(), fields, isSent });
}

function fillField(field, value) {
  if (isChoice(field)) field.checked = value;
  else field.value = value;
  field.closest("details")?.setAttribute("open", "");
  for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
}

/** Write again what was typed here before the sign-in ended, also in the fields that come later. Of somebody else, delete it. */
function restoreTyped() {
  const kept = tryStorage((stored) => JSON.parse(stored.getItem(KEY)));
  if (!kept) return;
  if (!ownId()) { showKept(kept); return; }
  // What was sent has arrived, or is in the page that answers it.
  if (kept.userId !== ownId() || kept.isSent) { sessionStorage.removeItem(KEY); return; }
  const fillAll = () => {
    if (kept.address !== currentAddress()) return;
    const missing = kept.fields.filter(([selector, value]) => {
      const field = document.querySelector(selector);
      if (field) fillField(field, value);
      return !field;
    });
    if (missing.length === kept.fields.length) return;
    kept.fields = missing;
    if (missing.length) { sessionStorage.setItem(KEY, JSON.stringify(kept)); return; }
    sessionStorage.removeItem(KEY);
    observer.disconnect();
  };
  const observer = new MutationObserver(fillAll);
  observer.observe(document.body, { childList: true, subtree: true });
  fillAll();
}

/** The answer to a form says that nobody is signed in: the sign-in leads back to the form. */
function showKept(kept) {
  const said = document.getElementById("typed-kept");
  if (!said || !kept.isSent) return;
  store({ ...kept, isSent: false });
  said.hidden = false;
  document.getElementById("typed-lost").hidden = true;
  /** @type {HTMLAnchorElement} */ (document.getElementById("go-login")).search = String(new URLSearchParams({ next: kept.address }));
}

/** Hide the page, keep what was typed, and go to the sign-in, which leads back here. */
export function leaveSignedOut() {
  storeTyped();
  document.body.hidden = true;
  location.replace(`/login?${new URLSearchParams({ next: currentAddress() })}`);
}

restoreTyped();
addEventListener("submit", ({ defaultPrevented, target }) => {
  if (!defaultPrevented && ownId() && /** @type {HTMLFormElement} */ (target).method === "post") storeTyped(true);
});
