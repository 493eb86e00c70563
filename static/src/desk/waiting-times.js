// Clocks of those who wait: counted every second, and said in three shapes (beneficiate/formatting.py has the same words).

/** How long a wait of so many seconds has lasted: `4:12`, `1 h 05`, `1 d 23 h`. */
export function formatWait(seconds) {
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) => Math.floor(seconds / unit));
  const padded = (number) => String(number).padStart(2, "0");
  if (days) return `${days}\u00a0d\u00a0${hours % 24}\u00a0h`;
  if (hours) return `${hours}\u00a0h\u00a0${padded(minutes % 60)}`;
  return `${minutes}:${padded(seconds % 60)}`;
}

/** Which state a deadline is in: 0 on time, 1 from the warning on, 2 past due. The server prints that of the moment. */
export function deadlineState(due, warn, now) {
  if (now > Date.parse(due)) return 2;
  return now >= Date.parse(warn) ? 1 : 0;
}

function showDeadlines(root) {
  for (const mark of root.querySelectorAll("[data-due]")) {
    const state = deadlineState(mark.dataset.due, mark.dataset.warn, Date.now());
    mark.querySelector("[data-part=due]").textContent = ["A tiempo", "Por vencer", "Vencido"][state];
    colorBy(mark, state);
  }
  for (const word of root.querySelectorAll("[data-turns-past]")) {
    const { turnsPast: due } = word.dataset;
    const text = deadlineState(due, due, Date.now()) === 2 ? "Venció" : "Vence";
    if (word.textContent !== text) word.textContent = text;
  }
}

function colorBy(mark, state) {
  mark.classList.toggle("is-close", state === 1);
  mark.classList.toggle("is-past", state === 2);
}

/** Count every wait; one with a promised answer is coloured by it, any other has no colour. */
export function showWaitingTimes(root = document) {
  showDeadlines(root);
  for (const clock of root.querySelectorAll("[data-wait]")) {
    clock.hidden = !clock.dataset.wait;
    if (clock.hidden) continue;
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(clock.dataset.wait)) / 1000));
    const text = formatWait(seconds);
    const place = clock.querySelector("[data-part=wait]");
    if (place.textContent !== text) place.textContent = text;
    const { answerBy, warn } = clock.dataset;
    colorBy(clock, answerBy ? deadlineState(answerBy, warn, Date.now()) : 0);
  }
}

export function initWaitingTimes() {
  showWaitingTimes();
  setInterval(() => { if (document.visibilityState === "visible") showWaitingTimes(); }, 1_000);
}
