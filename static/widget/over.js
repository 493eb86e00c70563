// After a chat has ended: how it was, once, and how to go on.

import { button, h, icon, link, say } from "./dom.js";
import { words } from "./words.js";

/** `chat()` is the one that ended, `use(picture)` shows another, `transcript()` gives it to the person. */
export function makeOver(it, { chat, use, transcript }) {
  const key = () => `rated:${chat().id}`;
  const title = h("legend.w-title");
  const comment = h("textarea", { id: "rate-comment", rows: 2, maxlength: 1000, "aria-describedby": "rate-hint" });
  const problem = h("p.w-problem", { role: "alert" });
  const stars = words.scores.map((word, at) => h("label.w-star", {}, h("input", { type: "radio", name: "score", value: at + 1 }), icon("star"), word));
  const rate = h("form.w-rate", {
    id: "rate",
    onsubmit: async (event) => {
      event.preventDefault();
      const score = Number(new FormData(rate).get("score"));
      if (!score) { say(problem, words.rate_needed); return; }
      const refused = await it.ask(problem, "rate_chat", { chat_id: chat().id, score, comment: comment.value.trim() });
      if (refused && refused.code !== "conflict") return;
      it.shelf.set(key(), refused ? 0 : score);
      say(thanks, refused?.message ?? words.rated);
      show(true);
      thanks.focus();
    },
  }, h("fieldset.w-stars", {}, title, stars),
  h("div.w-field", {}, h("label", { for: "rate-comment" }, words.comment), comment, h("p.w-hint", { id: "rate-hint" }, words.comment_hint)),
  h("button.w-btn.w-btn--main", { type: "submit", id: "rate-send" }, words.rate_send),
  h("p.w-ways", {}, link(words.later, () => { isLater = true; show(true); }, { id: "rate-later" })));
  const thanks = h("p.w-hint", { id: "rated", tabindex: -1, role: "status" });
  const ask = (word, fields) => it.ask(problem, word, fields).then((refused) => { if (!refused) it.go("chat"); });
  const el = h("section.w-over", { "data-part": "over", hidden: true, "aria-label": words.over_label }, rate, thanks, problem, h("p.w-ways", {},
    link(words.reopen, () => ask("reopen_chat", { chat_id: chat().id }), { id: "reopen" }),
    link(words.transcript, () => transcript().catch((refusal) => say(problem, refusal.message)), { id: "transcript" })),
  button(words.another, () => { say(problem, ""); ask("request_agent"); }));
  let isLater = false;

  function show(is) {
    el.hidden = !is;
    if (!is) return;
    const score = it.shelf.get(key());
    rate.hidden = isLater || score !== null;
    say(title, words.rate(chat().agent.first_name));
    if (score && !thanks.textContent) say(thanks, words.rated);
  }

  return {
    el,
    show,
    reset() {
      isLater = false;
      rate.reset();
      say(thanks, "");
      say(problem, "");
    },
  };
}
