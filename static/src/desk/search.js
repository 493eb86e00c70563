// The search above the list: members and lines, rendered by the server; the list comes back when the field is empty.

import { COMMANDS } from "../core/protocol.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { fetchPartial } from "../ui/server.js";
import { debounce, PEOPLE_PAUSE_MS } from "../ui/throttle.js";
import { showToast } from "../ui/toasts.js";

const TOO_MANY = 429;

function showFound() {
  byId("search-results").hidden = false;
  byId("inbox-pane").hidden = true;
}

/** What was found before belongs to another text: it gives way to the sentence. Under a further page it stays. */
function showFailure(problem, page) {
  const sentence = problem.status === TOO_MANY ? messages.too_many_searches : messages.no_network;
  if (page > 1) { showToast(sentence); return; }
  const title = Object.assign(document.createElement("p"), { className: "state-title", role: "status", textContent: sentence });
  const state = Object.assign(document.createElement("div"), { className: "state" });
  state.append(title);
  byId("search-results").replaceChildren(state);
  showFound();
}

/** `go(chatId, seq)` opens what was found. Loaded when the field is first used, so that something may be typed already. */
export function initSearch(connection, go) {
  const field = byId("search");
  let lastRequest = 0;
  const closeResults = () => {
    lastRequest += 1;
    byId("search-results").hidden = true;
    byId("inbox-pane").hidden = false;
  };
  const clearResults = () => {
    field.value = "";
    closeResults();
  };
  const search = async (page = 1) => {
    const text = field.value.trim();
    if (!text) { closeResults(); return; }
    const request = lastRequest += 1;
    let found;
    try {
      found = await fetchPartial(`/agente/buscar?${new URLSearchParams({ q: text, pagina: String(page) })}`);
    } catch (problem) {
      if (request === lastRequest) showFailure(problem, page);
      return;
    }
    if (request !== lastRequest) return;
    if (page === 1) byId("search-results").replaceWith(found);
    else {
      byId("search-results").querySelector("[data-do=more-found]").remove();
      byId("search-results").append(...found.childNodes);
    }
    showFound();
  };
  const scheduleSearch = debounce(PEOPLE_PAUSE_MS, search);
  field.addEventListener("input", () => scheduleSearch());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { event.stopPropagation(); clearResults(); field.blur(); }
    if (event.key === "ArrowDown") { event.preventDefault(); byId("search-results").querySelector(".go-chat")?.focus(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !byId("search-results").hidden && !document.querySelector("dialog[open], :popover-open, .has-about")) clearResults();
  });
  document.addEventListener("click", async (event) => {
    const more = event.target.closest("[data-do=more-found]");
    if (more) search(Number(more.dataset.page));
    const opener = event.target.closest("[data-do=open-with]");
    if (!opener) return;
    try {
      const { chat } = await connection.request(COMMANDS.INITIATE_CHAT, { user_id: Number(opener.dataset.userId) });
      go(chat.id);
    } catch (refusal) {
      showToast(refusal.message || messages.no_network);
    }
  });
  if (field.value) search();
}
