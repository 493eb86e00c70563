// Locks between the tabs of one person.

/** Run `task` while no other tab runs one of this name. Where locks do not exist or are blocked, it runs all the same. */
export async function withLock(name, task) {
  let isRun = false;
  const once = () => { isRun = true; return task(); };
  try {
    if (navigator.locks) return await navigator.locks.request(name, once);
  } catch (problem) {
    if (isRun) throw problem;
  }
  return once();
}
