// People without a photo: initials on one of four colours, as beneficiate/views/avatars.py has them.

const COLORS = 4;

/** Return the first letters of the first and the last word of a name; `?` without a name. */
export function initialsOf(name) {
  const words = name.split(/\s+/).filter(Boolean);
  return words.length ? `${[...words.at(0)][0]}${[...words.at(-1)][0]}`.toUpperCase() : "?";
}

/** Return the number of a person's colour, from 1 to 4. */
export const avatarColorOf = (userId) => (userId % COLORS) + 1;
