// What a list of payments can be asked for, and the addresses that ask it.

const FIRST = { text: "", since: "", until: "", page: 1 };
const NAMES = { tab: "lista", text: "buscar", since: "desde", until: "hasta", page: "pagina" };

/** What an address asks for, and back. */
export const askedOf = (search) => {
  const query = new URLSearchParams(search);
  const given = Object.entries(NAMES).map(([key, name]) => [key, query.get(name)]).filter(([, value]) => value);
  const asked = { tab: "por-revisar", ...FIRST, ...Object.fromEntries(given) };
  return { ...asked, page: Number(asked.page) || 1 };
};

export const queryOf = ({ tab, text, since, until, page }) => {
  const days = { ...(since && { desde: since }), ...(until && { hasta: until }) };
  return new URLSearchParams({ lista: tab, ...(text && { buscar: text }), ...days, ...(page > 1 && { pagina: page }) });
};
