// The colleagues: fetched once when somebody is to be named, and again when a chat is to be passed on.

import { fetchPartial } from "../ui/server.js";

let known = null;

/** The partial of the server (templates/desk/_team.html), as it is now. */
export async function fetchTeam() {
  const team = await fetchPartial("/agente/equipo");
  known = [...team.querySelectorAll("[data-person]")].map(({ dataset }) => ({
    id: Number(dataset.person), agentId: Number(dataset.agentId) || null, name: dataset.name,
  }));
  return team;
}

/** Everybody who can be mentioned: { id, agentId, name }. */
export async function fetchColleagues() {
  if (!known) await fetchTeam();
  return known;
}
