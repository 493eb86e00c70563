// Printed by `make protocol` from beneficiate/protocol: the types of protocol.js. Do not edit.

export declare const COMMANDS: Readonly<{
  CHAT_MESSAGE: "chat_message";
  AGENT_CHAT_MESSAGE: "agent_chat_message";
  INITIATE_CHAT: "initiate_chat";
  MESSAGE_READ: "message_read";
  TYPING: "typing";
  STOP_TYPING: "stop_typing";
  CLOSE_CHAT: "close_chat";
  RESUME: "resume";
  AUTHENTICATE: "authenticate";
  PING: "ping";
  CHATBOT_INIT: "chatbot_init";
  CHATBOT: "chatbot";
  ALL_APPOINTMENTS: "all_appointments";
  REQUEST_AGENT: "request_agent";
  SET_AVAILABILITY: "set_availability";
  SET_AGENT_AWAY: "set_agent_away";
  TAKE_CHAT: "take_chat";
  TRANSFER_CHAT: "transfer_chat";
  RETURN_CHAT: "return_chat";
  ASSIGN_CHAT: "assign_chat";
  REOPEN_CHAT: "reopen_chat";
  GIVE_TO_BOT: "give_to_bot";
  RATE_CHAT: "rate_chat";
  ADD_NOTE: "add_note";
  SEE_MENTIONS: "see_mentions";
  RECALL_MESSAGE: "recall_message";
  TAG_CHAT: "tag_chat";
  UNTAG_CHAT: "untag_chat";
  USE_CANNED: "use_canned";
  VIEW_CHAT: "view_chat";
  LEAVE_CHAT: "leave_chat";
  WATCH_BOARD: "watch_board";
}>;

export declare const EVENTS: Readonly<{
  ACK: "ack";
  ERROR: "error";
  PONG: "pong";
  RESUMED: "resumed";
  AGENT_CONNECTED: "agent_connected";
  AGENT_CHATS: "agent_chats";
  USER_CHATS: "user_chats";
  ONLINE_USERS: "online_users";
  USER_CONNECTED: "user_connected";
  USER_DISCONNECTED: "user_disconnected";
  USER_STATUS: "user_status";
  NEW_CHAT: "new_chat";
  CHAT_INITIATED: "chat_initiated";
  QUEUE_CHANGED: "queue_changed";
  NEW_MESSAGE: "new_message";
  USER_MESSAGE: "user_message";
  AGENT_CHAT_MESSAGE: "agent_chat_message";
  MESSAGE_DELIVERED: "message_delivered";
  MESSAGE_READ: "message_read";
  MESSAGE_RECALLED: "message_recalled";
  TYPING: "typing";
  STOP_TYPING: "stop_typing";
  CHAT_CLOSED: "chat_closed";
  CHATBOT_MESSAGE: "chatbot_message";
  NEW_APPOINTMENT: "new_appointment";
  APPOINTMENT_UPDATED: "appointment_updated";
  APPOINTMENT_REMINDER: "appointment_reminder";
  SLOT_OFFERED: "slot_offered";
  USER_APPOINTMENTS: "user_appointments";
  ALL_APPOINTMENTS: "all_appointments";
  PAYMENT_UPDATED: "payment_updated";
  PLAN_ACTIVATED: "plan_activated";
  PLAN_ENDING: "plan_ending";
  PLAN_ENDED: "plan_ended";
  QUEUE_POSITION: "queue_position";
  HOURS_CHANGED: "hours_changed";
  CHAT_LEFT: "chat_left";
  AVAILABILITY_CHANGED: "availability_changed";
  CHAT_RATED: "chat_rated";
  DEADLINE: "deadline";
  NOTE_ADDED: "note_added";
  CHAT_TAGGED: "chat_tagged";
  CHAT_CHANGED: "chat_changed";
  MEMBER_CHANGED: "member_changed";
  VIEWERS: "viewers";
  BOARD: "board";
  BOARD_UNAVAILABLE: "board_unavailable";
}>;

export declare const CODES: Readonly<{
  ADDRESS_NOT_CONFIRMED: "address_not_confirmed";
  AGENT_ABSENT: "agent_absent";
  AGENT_AWAY: "agent_away";
  ALREADY_REFRESHED: "already_refreshed";
  ALREADY_SETTLED: "already_settled";
  BAD_FRAME: "bad_frame";
  CHALLENGE_EXPIRED: "challenge_expired";
  CHAT_CLOSED: "chat_closed";
  CHAT_TAKEN: "chat_taken";
  CONFLICT: "conflict";
  ENROLMENT_REQUIRED: "enrolment_required";
  FORBIDDEN: "forbidden";
  GONE: "gone";
  ILLEGAL_TRANSITION: "illegal_transition";
  INTERNAL: "internal";
  INVALID: "invalid";
  INVALID_SIGNATURE: "invalid_signature";
  LIMIT_REACHED: "limit_reached";
  NOT_CONFIGURED: "not_configured";
  NOT_FOUND: "not_found";
  PAYMENT_IN_DOUBT: "payment_in_doubt";
  PAYMENT_IN_PROGRESS: "payment_in_progress";
  PLAN_REQUIRED: "plan_required";
  RATE_LIMITED: "rate_limited";
  SECOND_FACTOR_REQUIRED: "second_factor_required";
  SLOT_TAKEN: "slot_taken";
  TOO_LARGE: "too_large";
  UNAUTHORIZED: "unauthorized";
  UNAVAILABLE: "unavailable";
  UNKNOWN_EVENT: "unknown_event";
  UNSUPPORTED_TYPE: "unsupported_type";
  WRONG_CODE: "wrong_code";
  WRONG_CREDENTIALS: "wrong_credentials";
}>;

export declare const CLOSE: Readonly<{
  NORMAL: 1000;
  GONE: 1001;
  PROTOCOL_ERROR: 1002;
  INVALID_TEXT: 1007;
  ABUSE: 1008;
  TOO_LARGE: 1009;
  RESTART: 1012;
  SLOW: 1013;
  TOKEN_EXPIRED: 4401;
  REVOKED: 4403;
  TOO_MANY: 4409;
}>;

export declare const LIMITS: Readonly<{
  LINE_CHARS: 4000;
  FRAME_BYTES: 65536;
  TYPING_TTL_S: 8;
}>;

export interface AgentPayload {
  id: number;
  status: string;
  agent_code: string;
  availability: "available" | "away" | "offline";
  reason: string;
  is_automatic: boolean;
}

export interface AppointmentListPayload {
  data: Array<AppointmentPayload>;
  counts: Record<string, number>;
}

export interface AppointmentPayload {
  id: number;
  ticket_number: string;
  status: string;
  user_id: number;
  beneficiary_id: number | null;
  patient: PatientName;
  specialty_id: number;
  specialty_name: string;
  professional_id: number | null;
  professional_name: string | null;
  city_id: number;
  city_name: string;
  location: string | null;
  place: string;
  starts_at: string | null;
  duration_minutes: number | null;
  first_time: boolean;
  control: boolean;
  notes: string;
  cancellation_reason: string;
  version: number;
  created_at: string;
}

export interface AttachmentPayload {
  id: string;
  name: string;
  kind: "application/pdf" | "image/jpeg" | "image/png" | "image/webp";
  size: number;
  width?: number | null;
  height?: number | null;
}

export interface ChatPayload {
  id: number;
  agent_id: number | null;
  user_id: number;
  status: "ACTIVE" | "CLOSED" | "WAITING";
  created_at: string;
  updated_at: string;
  last_message: string;
  last_seq: number;
  unread: number;
  user: PersonPayload;
  agent?: PersonPayload | null;
  span?: number;
}

export interface ChatViewer {
  user_id: number;
  first_name: string;
  last_name: string;
  is_typing?: boolean;
}

export interface ChoicePayload {
  id: string;
  label: string;
}

export interface MessagePayload {
  id: number;
  chat_id: number;
  seq: number;
  sender_id: number | null;
  sender_type: "AGENT" | "BOT" | "SYSTEM" | "USER";
  message: string;
  status: "DELIVERED" | "READ" | "SENT";
  sent_at: string;
  client_id?: string | null;
  attachment?: AttachmentPayload;
  sender_name?: string;
  is_recalled?: boolean;
}

export interface NotePayload {
  id: number;
  chat_id: number;
  author: PersonName;
  text: string;
  after_seq: number;
  created_at: string;
  mentions: Array<PersonName>;
  client_id?: string | null;
}

export interface PatientName {
  first_name: string;
  last_name: string;
}

export interface PaymentPayload {
  id: string;
  status: "APPROVED" | "DECLINED" | "EXPIRED" | "PENDING" | "UNKNOWN" | "VOIDED";
  user_id: number;
  plan: PlanName;
  amount: number;
  currency: string;
  starts_at: string | null;
  ends_at: string | null;
  created_at: string;
}

export interface PersonName {
  id: number;
  first_name: string;
  last_name: string;
}

export interface PersonPayload {
  id: number;
  first_name: string;
  last_name: string;
  email?: string | null;
}

export interface PlanName {
  id: number;
  code: string;
  name: string;
}

export interface PresenceChange {
  user_id: number;
  status: "offline" | "online";
}

export interface CommandFields {
  chat_message: {
    id?: string | null;
    chat_id: number;
    message: string;
    client_id?: string | null;
  };
  agent_chat_message: {
    id?: string | null;
    chat_id: number;
    message: string;
    client_id?: string | null;
  };
  initiate_chat: {
    id?: string | null;
    user_id: number;
  };
  message_read: {
    id?: string | null;
    chat_id: number;
    message_id: number;
  };
  typing: {
    id?: string | null;
    chat_id: number;
  };
  stop_typing: {
    id?: string | null;
    chat_id: number;
  };
  close_chat: {
    id?: string | null;
    chat_id: number;
  };
  resume: {
    id?: string | null;
    chats: Record<string, number>;
  };
  authenticate: {
    id?: string | null;
    token: string;
  };
  ping: {
    id?: string | null;
  };
  chatbot_init: {
    id?: string | null;
    professionalId?: number | null;
  };
  chatbot: {
    source: "chatbot";
    id?: string;
    message?: unknown;
    option?: string;
    professionalId?: number;
  };
  all_appointments: {
    id?: string | null;
  };
  request_agent: {
    id?: string | null;
    topic?: string | null;
  };
  set_availability: {
    id?: string | null;
    availability: "available" | "away" | "offline";
    reason?: string;
  };
  set_agent_away: {
    id?: string | null;
    agent_id: number;
    reason?: string;
  };
  take_chat: {
    id?: string | null;
    chat_id: number;
  };
  transfer_chat: {
    id?: string | null;
    chat_id: number;
    agent_id?: number | null;
    topic?: string | null;
    note?: string;
    if_absent?: "queue" | "refuse";
  };
  return_chat: {
    id?: string | null;
    chat_id: number;
    note?: string;
  };
  assign_chat: {
    id?: string | null;
    chat_id: number;
    agent_id: number;
    holder_id?: number | null;
    note?: string;
    if_absent?: "queue" | "refuse";
  };
  reopen_chat: {
    id?: string | null;
    chat_id: number;
  };
  give_to_bot: {
    id?: string | null;
    chat_id: number;
  };
  rate_chat: {
    id?: string | null;
    chat_id: number;
    span?: number | null;
    score: number;
    comment?: string;
  };
  add_note: {
    id?: string | null;
    chat_id: number;
    text: string;
    mentions?: Array<number>;
    client_id?: string | null;
  };
  see_mentions: {
    id?: string | null;
    note_id: number;
  };
  recall_message: {
    id?: string | null;
    chat_id: number;
    message_id: number;
  };
  tag_chat: {
    id?: string | null;
    chat_id: number;
    tag: string;
  };
  untag_chat: {
    id?: string | null;
    chat_id: number;
    tag: string;
  };
  use_canned: {
    id?: string | null;
    reply_id: number;
  };
  view_chat: {
    id?: string | null;
    chat_id: number;
    version?: string | null;
    panel_version?: string | null;
  };
  leave_chat: {
    id?: string | null;
    chat_id: number;
  };
  watch_board: {
    id?: string | null;
    topic?: string;
  };
}

export interface EventFields {
  ack: {
    id: string;
    message?: MessagePayload;
    chat?: ChatPayload;
    note?: NotePayload;
  };
  error: {
    code: string;
    message: string;
    error: string;
    id?: string;
    retry_after_s?: number;
  };
  pong: {
    id?: string;
  };
  resumed: {
    chats: Record<string, number>;
    more: Array<number>;
    id?: string;
  };
  agent_connected: {
    agent: AgentPayload;
  };
  agent_chats: {
    chats: Array<ChatPayload>;
  };
  user_chats: {
    chats: Array<ChatPayload>;
  };
  online_users: {
    users: Array<PersonPayload>;
  };
  user_connected: {
    user_id: number;
    status?: "offline" | "online";
  };
  user_disconnected: {
    user_id: number;
    status?: "offline" | "online";
  };
  user_status: {
    user_id: number;
    status: "offline" | "online";
    users: Array<PresenceChange>;
  };
  new_chat: {
    chat: ChatPayload;
  };
  chat_initiated: {
    chat: ChatPayload;
  };
  queue_changed: {
    waiting: number;
  };
  new_message: {
    chat_id: number;
    message: MessagePayload;
  };
  user_message: {
    chat_id: number;
    message: MessagePayload;
  };
  agent_chat_message: {
    chat_id: number;
    message: MessagePayload;
  };
  message_delivered: {
    chat_id: number;
    message_id: number;
    seq: number;
  };
  message_read: {
    chat_id: number;
    user_id: number;
    message_id: number;
    seq: number;
  };
  message_recalled: {
    chat_id: number;
    message_id: number;
    seq: number;
    text: string;
  };
  typing: {
    chat_id: number;
    user_id: number;
  };
  stop_typing: {
    chat_id: number;
    user_id: number;
  };
  chat_closed: {
    chat_id: number;
    closed_by: number;
    message: MessagePayload;
  };
  chatbot_message: {
    message: string;
    sender_type: string;
    state: string;
    list?: boolean;
    options?: Array<string>;
    choices?: Array<ChoicePayload>;
    redirectUrl?: string;
    shouldRestartFlow?: boolean;
  };
  new_appointment: {
    appointment: AppointmentPayload;
  };
  appointment_updated: {
    appointment: AppointmentPayload;
  };
  appointment_reminder: {
    hours_before: number;
    appointment: AppointmentPayload;
  };
  slot_offered: {
    appointment_id: number;
    professional_id: number;
    professional_name: string;
    starts_at: string;
    expires_at: string;
    condition?: string;
  };
  user_appointments: {
    appointments: Array<AppointmentPayload>;
  };
  all_appointments: {
    appointments: AppointmentListPayload;
  };
  payment_updated: {
    payment: PaymentPayload;
    plan: PlanName;
    ends_at: string | null;
  };
  plan_activated: {
    payment: PaymentPayload;
    plan: PlanName;
    ends_at: string;
  };
  plan_ending: {
    plan: PlanName;
    ends_at: string;
    days_left: number;
  };
  plan_ended: {
    user_id: number;
    plan: PlanName;
    ends_at: string;
  };
  queue_position: {
    chat_id: number;
    position: number;
    estimated_wait_s: number | null;
  };
  hours_changed: {};
  chat_left: {
    chat_id: number;
    reason: string;
  };
  availability_changed: {
    agent_id: number;
    availability: "available" | "away" | "offline";
    reason: string;
    is_automatic: boolean;
  };
  chat_rated: {
    chat_id: number;
    span: number;
    agent_id: number | null;
    score: number;
    comment: string;
  };
  deadline: {
    chat_id: number;
    promise: "first" | "next" | "resolve";
    state: "late" | "soon";
    due_at: string;
  };
  note_added: {
    chat_id: number;
    note: NotePayload;
  };
  chat_tagged: {
    chat_id: number;
    tags: Array<string>;
  };
  chat_changed: {
    chat_id: number;
  };
  member_changed: {
    user_id: number;
  };
  viewers: {
    chat_id: number;
    viewers: Array<ChatViewer>;
  };
  board: {
    at: string;
    topic: string;
    html: string;
  };
  board_unavailable: {};
}
