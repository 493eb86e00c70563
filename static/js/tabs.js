// A tablist as the ARIA practices describe it: one tab stop, arrows, Home and End; the address remembers the part.

/** `names` maps a tab's id to its hash ("" for the first). `onShow(id)` is called whenever another part is shown. */
export function beginTabs(list, names, onShow) {
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const show = (id) => {
    for (const tab of tabs) {
      const isShown = tab.id === id;
      tab.ariaSelected = String(isShown);
      tab.tabIndex = isShown ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !isShown;
    }
    onShow(id);
  };
  const asked = () => tabs.find(({ id }) => names[id] && names[id] === location.hash.slice(1))?.id ?? tabs[0].id;
  const go = (id) => {
    history.replaceState(null, "", `${location.pathname}${location.search}${names[id] ? `#${names[id]}` : ""}`);
    show(id);
  };
  list.addEventListener("click", ({ target }) => {
    const tab = target.closest("[role=tab]");
    if (tab) go(tab.id);
  });
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length];
    tab.focus();
    go(tab.id);
  });
  addEventListener("hashchange", () => show(asked()));
  show(asked());
  return go;
}
