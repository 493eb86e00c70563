// A burst of wishes is one task.

/** Returns a wish: `task` runs at most once in `gapMs`, the first time at once; what is wished meanwhile is one more run. */
export function atMostOnceIn(gapMs, task) {
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
      if (again) wish();
    }
  };
  const wish = () => {
    if (isRunning) again = true;
    else timer ||= setTimeout(run, Math.max(0, last + gapMs - Date.now()));
  };
  return wish;
}

/** Returns a function that runs `task` once nothing has been asked for `ms`. */
export function afterSilence(ms, task) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => task(...given), ms);
  };
}
