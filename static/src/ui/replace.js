// Replace an element by what the server rendered, without disturbing whoever is working in it.

const nameOf = (element) => element.id || element.dataset.key || "";
const findByName = (root, name) => (name ? root.querySelector(`#${CSS.escape(name)}, [data-key="${CSS.escape(name)}"]`) : null);
const findScrollers = (root) => [root, ...root.querySelectorAll("[data-scroll]")].filter((element) => element.dataset.scroll);

/** Capture focus, values, open details and scroll positions; the returned function restores them in another element. */
export function captureState(old) {
  const active = old.contains(document.activeElement) ? document.activeElement : null;
  const focus = active && nameOf(active);
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
    const next = findByName(root, focus);
    next?.focus({ preventScroll: true });
    if (next && selection?.[0] != null) next.setSelectionRange(...selection);
  };
}

export function replaceElement(old, fresh) {
  const restore = captureState(old);
  old.replaceWith(fresh);
  restore(fresh);
}
