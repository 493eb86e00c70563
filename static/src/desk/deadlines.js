// Deadlines of chats: on time, due soon or past due. The server prints the state of the moment; here it goes on with the time.

/** @type {[string, string][]} */
const STATES = [["A tiempo", ""], ["Por vencer", "is-close"], ["Vencido", "is-past"]];

/** Which of the states a deadline is in, given when it is due and from when on we warn. */
export function deadlineState(due, warn, now) {
  if (now > Date.parse(due)) return 2;
  return now >= Date.parse(warn) ? 1 : 0;
}

export function showDeadlines(root = document) {
  for (const mark of root.querySelectorAll("[data-due]")) {
    const [word, name] = STATES[deadlineState(mark.dataset.due, mark.dataset.warn, Date.now())];
    const place = mark.querySelector("[data-part=due]");
    if (place.textContent === word) continue;
    place.textContent = word;
    for (const [, other] of STATES) if (other) mark.classList.toggle(other, other === name);
  }
}
