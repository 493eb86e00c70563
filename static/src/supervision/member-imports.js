// The pages that import members from a file work without a script. With one, what was chosen stays when sending it fails, and an
// import shows how far it is.

import { SignedOut } from "../core/errors.js";
import { byId } from "../ui/dom.js";
import { follow } from "../ui/follow.js";
import { messages } from "../ui/messages.es.js";
import "../ui/send-once.js";
import { replaceElement } from "../ui/replace.js";
import { leaveSignedOut } from "../ui/signed-out.js";
import "./administration.js";

const form = /** @type {HTMLFormElement | null} */ (byId("import-form"));
const isRunning = () => byId("import-state")?.dataset.state === "RUNNING";

function showWrong(text) {
  const bar = byId("import-wrong");
  bar.querySelector("[data-part=wrong]").textContent = text;
  bar.hidden = !text;
  byId("file").setAttribute("aria-invalid", String(Boolean(text)));
  if (text) byId("file").focus();
}

/** Why the file cannot be sent as it is; empty when it can. */
function checkFile() {
  const [file] = /** @type {HTMLInputElement} */ (byId("file")).files;
  if (!file) return messages.choose_file;
  return file.size > Number(form.dataset.maxBytes) ? messages.file_too_large(Number(form.dataset.maxBytes) / 1024 / 1024) : "";
}

/** Send the form and go on to the page of the file. Raises what `fetch` does without a network. */
async function sendFile() {
  const response = await fetch(form.action, { method: "POST", body: new FormData(form) });
  if (response.status === 401 || response.status === 403) throw new SignedOut();
  if (response.redirected) {
    location.assign(response.url);
    return;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  showWrong(page.querySelector("#import-wrong [data-part=wrong]")?.textContent.trim() || messages.file_not_sent);
}

async function submit(event) {
  event.preventDefault();
  delete form.dataset.sent;
  showWrong(checkFile());
  if (!byId("import-wrong").hidden || form.ariaBusy === "true") return;
  const say = byId("import-say");
  const before = say.textContent;
  form.ariaBusy = "true";
  say.textContent = messages.reading_file;
  try {
    await sendFile();
  } catch (problem) {
    if (problem instanceof SignedOut) leaveSignedOut();
    else showWrong(messages.no_network);
  } finally {
    form.ariaBusy = "false";
    say.textContent = before;
  }
}

function showState(fresh) {
  if (fresh.dataset.state === "RUNNING") replaceElement(byId("import-state"), fresh);
  // What was refused meanwhile is in lists that only the whole page has.
  else location.reload();
}

form?.addEventListener("submit", submit);
follow(`${location.pathname}/estado`, isRunning, showState);
