// Which topic the board is about: chosen in a list, kept in the address.

import { COMMANDS } from "../core/protocol.js";
import { byId } from "../ui/dom.js";
import { messages } from "../ui/messages.es.js";
import { showToast } from "../ui/toasts.js";

/** Return the filter: its `topic`, and `watch()`, which asks for the board of it. */
export function initTopicFilter(connection) {
  const select = /** @type {HTMLSelectElement} */ (byId("board-topic"));
  const filter = {
    topic: select.dataset.topic,
    watch: () => connection.request(COMMANDS.WATCH_BOARD, { topic: filter.topic }),
  };

  async function choose(topic) {
    const before = filter.topic;
    if (topic === before) return true;
    filter.topic = topic;
    byId("board").classList.add("is-late"); // until the board of the other topic is here
    try {
      await filter.watch();
      select.removeAttribute("aria-invalid");
      document.getElementById("board-topic-error")?.remove();
      return true;
    } catch (refusal) {
      filter.topic = before;
      byId("board").classList.remove("is-late");
      showToast(refusal.message || messages.no_network);
      return false;
    } finally {
      select.value = filter.topic;
    }
  }

  let wasOpen = false;
  connection.on("state", ({ name }) => { wasOpen ||= name === "open"; });
  select.addEventListener("change", async () => {
    const { value } = select;
    const address = value ? `?tema=${encodeURIComponent(value)}` : location.pathname;
    if (!wasOpen) { // not connected yet: the page itself brings that board
      select.value = filter.topic; // who comes back to this page finds it as it was
      location.assign(address);
    } else if (await choose(value)) history.pushState(null, "", address);
  });
  addEventListener("popstate", () => choose(new URLSearchParams(location.search).get("tema") ?? ""));
  byId("board-filter").addEventListener("submit", (event) => event.preventDefault());
  return filter;
}
