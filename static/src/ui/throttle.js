// A burst of calls is one run.

/** So long a pause in typing is the end of a text that finds people: each search counts, and is recorded (docs/limits.md). */
export const PEOPLE_PAUSE_MS = 500;

/** Return a function that runs `task` at most once in `gapMs`: the first call at once, calls meanwhile as one more run. */
export function throttle(gapMs, task) {
  let timer = 0;
  let isRunning = false;
  let again = false;
  let last = -Infinity;
  const run = async () => {
    timer = 0;
    isRunning = true;
    again = false;
    last = Date.now();
    try {
      await task();
    } finally {
      isRunning = false;
      if (again) request();
    }
  };
  const request = () => {
    if (isRunning) again = true;
    else timer ||= setTimeout(run, Math.max(0, last + gapMs - Date.now()));
  };
  return request;
}

/** Return a function that runs `task` once nothing has been asked for `ms`. */
export function debounce(ms, task) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => task(...given), ms);
  };
}
