// What few ask for: another file, fetched when it is asked for.

export { showNoticeForm } from "./notice-form.js";
export { downloadTranscript } from "./transcript.js";
