// The one error type of trafficctl. Every failure a person can meet is a TrafficError with a stable code;
// each surface (cli, mcp) maps the code to its own form. Anything else that is thrown is a defect.

/**
 * Stable codes, part of the public interface: scripts and agents match on them. Never rename one.
 * `usage` codes become exit code 2, the others exit code 1 (cli/exit-code.ts).
 */
export const ERROR_CODES = [
  "USAGE",
  "BAD_OPTION",
  "PORT_IN_USE",
  "LISTEN_FAILED",
  "HOME_UNUSABLE",
  "CA_UNUSABLE",
  "CA_INSTALL_FAILED",
  "BAD_CERTIFICATE_FILE",
  "SESSION_EXISTS",
  "SESSION_NOT_FOUND",
  "SESSION_AMBIGUOUS",
  "SESSION_BUSY",
  "SESSION_DAMAGED",
  "EXCHANGE_NOT_FOUND",
  "FILTER_INVALID",
  "PATTERN_TOO_SLOW",
  "BODY_UNREADABLE",
  "FILE_NOT_FOUND",
  "HAR_INVALID",
  "POLICY_INVALID",
  "RULES_INVALID",
  "FIXTURES_INVALID",
  "NOT_RUNNING",
  "COMMAND_NOT_FOUND",
  "COMMAND_NOT_EXECUTABLE",
  "DISK_FULL",
  "IO_FAILED",
  "INTERNAL",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** An error for people: what happened and where (`message`), what to do about it (`hint`), why (`cause`). */
export class TrafficError extends Error {
  override readonly name = "TrafficError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** Any thrown value as a TrafficError; what is not one already is wrapped with `code` and kept as the cause. */
export function toTrafficError(thrown: unknown, code: ErrorCode = "INTERNAL"): TrafficError {
  if (thrown instanceof TrafficError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new TrafficError(code, message, { cause: thrown });
}

/** The `code` of a Node system error (`ECONNREFUSED`), or undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return undefined;
}
