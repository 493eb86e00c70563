// What a key means.

const COMPOSING_KEY = 229; // the code of a key that a keyboard still composes with: Safari ends a composition before its Enter

/** Whether a key belongs to the keyboard, which composes an accent or a character. */
export const isComposing = (event) => event.isComposing || event.keyCode === COMPOSING_KEY;
