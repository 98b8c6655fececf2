// Logging for people, on stderr only: stdout belongs to results. Pretty on a terminal, JSON lines in a pipe.
import pino, { type Logger } from "pino";
import pretty from "pino-pretty";

export type { Logger } from "pino";

export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Asynchronous, since a pipe that nobody reads must not stop the process.
 * @returns a logger that writes to stderr; `pretty` defaults to whether stderr is a terminal
 */
export function createLogger(level: LogLevel, options: { pretty?: boolean; colour?: boolean } = {}): Logger {
  const usePretty = options.pretty ?? process.stderr.isTTY === true;
  if (!usePretty)
    return pino({ level, base: null }, pino.destination({ dest: 2, sync: false, minLength: 0 }));
  const stream = pretty({
    destination: 2,
    sync: false,
    colorize: options.colour ?? process.stderr.hasColors?.() === true,
    ignore: "pid,hostname",
    translateTime: "SYS:HH:MM:ss.l",
  });
  return pino({ level, base: null }, stream);
}
