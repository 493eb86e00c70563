// Replace an element by what the server rendered, without disturbing whoever is working in it.

const nameOf = (element) => element.id || element.dataset.key || "";
const findByName = (root, name) => (name ? root.querySelector(`#${CSS.escape(name)}, [data-key="${CSS.escape(name)}"]`) : null);
const findScrollers = (root) => [root, ...root.querySelectorAll("[data-scroll]")].filter((element) => element.dataset.scroll);

/**
 * Remember where an element is, by the names of it and of what is around it. The returned function focuses the nearest of them that is
 * still there, and returns it.
 */
export function rememberPlace(element) {
  const names = [];
  for (let one = element; one; one = one.parentElement) if (nameOf(one)) names.push(nameOf(one));
  return (root = document) => {
    for (const name of names) {
      const found = findByName(root, name);
      found?.focus({ preventScroll: true });
      if (found && document.activeElement === found) return found;
    }
    return null;
  };
}

/** Capture focus, values, open details and scroll positions; the returned function restores them in another element. */
export function captureState(old) {
  const active = old.contains(document.activeElement) ? document.activeElement : null;
  const place = active && rememberPlace(active);
  const selection = active && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
  const texts = [...old.querySelectorAll("input[id], textarea[id]")].map(({ id, value }) => [id, value]);
  const details = [...old.querySelectorAll("details[id]")].map(({ id, open }) => [id, open]);
  const scrolls = findScrollers(old).map((element) => [element.dataset.scroll, element.scrollTop, element.scrollLeft]);
  return (root) => {
    for (const [id, value] of texts) { const field = findByName(root, id); if (field) field.value = value; }
    for (const [id, open] of details) { const box = findByName(root, id); if (box) box.open = open; }
    for (const [name, top, left] of scrolls) {
      const box = findScrollers(root).find((element) => element.dataset.scroll === name);
      box?.scrollTo({ top, left, behavior: "instant" });
    }
    if (!active) return;
    const next = place(root);
    if (next && selection?.[0] != null && nameOf(next) === nameOf(active)) next.setSelectionRange(...selection);
  };
}

export function replaceElement(old, fresh) {
  const restore = captureState(old);
  old.replaceWith(fresh);
  restore(fresh);
}
