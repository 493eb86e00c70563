// Beneficiate's chat for any page: <script src="https://…/static/widget/widget.js" async></script>
// Only the names that a page calls; the rest comes when the browser is idle, or as soon as one of them is called.
(() => {
  // A module and a script that a tag manager runs are not the current one.
  const script = /** @type {HTMLScriptElement} */ (document.currentScript ?? document.querySelector("script[src*='/widget/widget.js']"));
  // An element of the page with this id is a property of the window too.
  if (!script || window.Beneficiate?.signOut) return;
  const { origin, lang, accent, position, open, launcher } = script.dataset;
  const listeners = {};
  const settings = {
    origin: origin || new URL(script.src).origin,
    lang: lang || "es-CO",
    accent,
    isLeft: position === "left",
    isOpen: open !== undefined && open !== "false",
    hasLauncher: launcher !== "none",
    emit: (word, value) => listeners[word]?.forEach((listener) => listener(value)),
  };

  let loading = null;
  const loadWidget = (given) => {
    loading ??= import(new URL("app.js", script.src).href).then(({ begin }) => begin(settings, given));
    loading.catch(() => { loading = null; }); // the next call tries again
    return loading;
  };
  const later = (name) => async (...given) => (await loadWidget())[name](...given);
  const start = later("start");

  window.Beneficiate = {
    // { token, refresh }, or a promise of it: whom the page knows; `refresh` gives another token, or null when they are
    // signed out. What comes first is what the widget begins with.
    start: async (given) => { await (loading ? start(given) : loadWidget(given)); },
    open: later("open"),
    // Open it where an appointment is asked for.
    book: later("book"),
    close: later("close"),
    signOut: later("signOut"),
    // "open", "close", "unread" (how many), "signin" (who), "signout". Returns what ends it.
    on(word, listener) {
      (listeners[word] ??= new Set()).add(listener);
      return () => listeners[word].delete(listener);
    },
  };

  const loadQuietly = () => {
    loadWidget().catch((problem) => console.warn(`Beneficiate: script-src and connect-src of this page must allow ${settings.origin}`, problem));
  };
  const whenIdle = () => { if (window.requestIdleCallback) requestIdleCallback(loadQuietly, { timeout: 2000 }); else setTimeout(loadQuietly); };
  if (document.readyState === "complete") whenIdle();
  else addEventListener("load", whenIdle);
})();
