// What a JSON Web Token says. Only the server can tell whether it is true.

export const claimsOf = (token) => JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));

/** When the token expires, in milliseconds. */
export const expiryOf = (token) => claimsOf(token).exp * 1000;
