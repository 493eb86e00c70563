// What every dialog of a page has: buttons that close it and change nothing.

export function initDialogs() {
  document.addEventListener("click", ({ target }) => {
    if (target.closest("dialog [data-do=stay]")) target.closest("dialog").close();
  });
}
