// HTTP beside the socket: JSON, with the token in a header, and failures as the same Refused that the socket throws.

import { messages } from "../ui/messages.es.js";
import { Refused } from "./connection.js";

export async function call(path, { method = "GET", token = null, body = null, headers = {} } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        Accept: "application/json",
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body && { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body && JSON.stringify(body),
    });
  } catch {
    throw new Refused({ code: "offline", message: messages.no_network });
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer.data;
  throw Object.assign(new Refused({ code: answer.code, message: answer.error ?? messages.no_network }), { status: response.status });
}

/** Older lines, or the newest ones. The token is asked for each time: it may have been renewed meanwhile. */
export const fetchMessages = async (getToken, chatId, { before = null, limit }) => {
  const query = new URLSearchParams({ limit, ...(before && { before }) });
  return call(`/api/v1/agent-chat/messages/${chatId}?${query}`, { token: await getToken() });
};
