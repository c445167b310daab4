// One table of what every door takes; whatever arrives is measured against it before it is read.

const KB = 1024
const MB = 1024 * KB

export const BOUNDS = {
  /**
   * A request body without attachments, in bytes: a prompt and a system prompt of the largest size though JSON writes
   * each line end, quote and backslash as two bytes, and room for the rest. Other control characters, six bytes each,
   * are so rare in text that nobody's memory is held for them.
   */
  requestBytes: 28 * MB,
  /** One prompt: in bytes of UTF-8 where it is read from standard input, in UTF-16 units within a request. */
  promptBytes: 12 * MB,
  /** A prompt that a device's request leaves in the history, in UTF-16 units; more is a document, and none that was written. */
  keptPromptChars: 1_000_000,
  /** A system prompt, in characters. */
  systemChars: 1_000_000,
  /** Messages that one request may bring, and the parts or calls of one of them. */
  broughtMessages: 10_000,
  messageParts: 1_000,
  /** Objects and lists within one another, in each field of a request that has no schema of its own. */
  fieldLevels: 100,
  titleChars: 500,
  searchChars: 1_000,
  /** A page of messages or conversations. */
  pageSize: 200,
  /** Conversations one event stream may name. */
  subscribedConversations: 200,
} as const
