// The list of a combobox: which option is active, moved by keys, chosen by key or pointer. The focus stays in the text.
// What is looked for, and what choosing means, is up to search-field.js and suggestions.js.

export class Combobox {
  #input;
  #list;
  #box;
  #onChoose;
  #onActive;
  #at = -1;

  /**
   * `box` is what is shown and hidden, the list itself if nothing is around it. `onChoose(index)` is called for a chosen
   * option, `onActive(index)` when another one became active.
   * @param {any} input
   * @param {any} list
   * @param {{ box?: any, onChoose: (index: number) => void, onActive?: (index: number) => void }} options
   */
  constructor(input, list, { box = list, onChoose, onActive = () => {} }) {
    this.#input = input;
    this.#list = list;
    this.#box = box;
    this.#onChoose = onChoose;
    this.#onActive = onActive;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");
    list.addEventListener("mousedown", (event) => event.preventDefault()); // or the text loses the focus to what is pressed
    list.addEventListener("click", ({ target }) => {
      const option = target.closest("[role=option]");
      if (option) onChoose(this.options.indexOf(option));
    });
  }

  get options() { return [...this.#list.children]; }
  get isOpen() { return !this.#box.hidden; }

  /** Show these elements as the options, the first one active; without any, nothing is shown. */
  showOptions(options) {
    options.forEach((option, at) => {
      option.id ||= `${this.#list.id}-${at}`;
      option.setAttribute("role", "option");
    });
    this.#list.replaceChildren(...options);
    if (options.length === 0) { this.close(); return; }
    this.#box.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#activateOption(0);
  }

  close() {
    this.#box.hidden = true;
    this.#input.setAttribute("aria-expanded", "false");
    this.#input.removeAttribute("aria-activedescendant");
  }

  /** Do what a key means to an open list. Returns whether it meant anything. */
  handleKey({ key }) {
    const act = {
      ArrowDown: () => this.#activateOption(this.#at + 1),
      ArrowUp: () => this.#activateOption(this.#at - 1),
      Enter: () => this.#onChoose(this.#at),
      Escape: () => this.close(),
    }[key];
    if (!act || !this.isOpen) return false;
    act();
    return true;
  }

  #activateOption(at) {
    const { options } = this;
    this.#at = (at + options.length) % options.length;
    options.forEach((option, place) => option.setAttribute("aria-selected", String(place === this.#at)));
    const option = options[this.#at];
    this.#input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
    this.#onActive(this.#at);
  }
}
