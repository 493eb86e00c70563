// Doing what may be refused.

import { NO_NETWORK } from "../core/errors.js";
import { setText } from "./dom.js";

/** Do it. Return the refusal, which is said in the element `problem`, or null when it went well. */
export async function attempt(problem, task) {
  setText(problem, "");
  try {
    await task();
    return null;
  } catch (refusal) {
    setText(problem, refusal.message || NO_NETWORK);
    return refusal;
  }
}
