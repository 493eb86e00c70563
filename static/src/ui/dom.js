// Elements of the page and of its <template>s.

export const byId = (id) => document.getElementById(id);

/** A copy of the element in the <template> with this id. */
export const cloneTemplate = (id) => byId(id).content.firstElementChild.cloneNode(true);
