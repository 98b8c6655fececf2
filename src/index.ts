// The programmatic entry, for tests of other programs: start a recording, point a client at it, stop it.
export { type ErrorCode, TrafficError } from "./errors.js";
export type { Body } from "./exchange/body.js";
export type {
  Exchange,
  HttpExchange,
  HttpRequest,
  HttpResponse,
  TunnelExchange,
  WebSocketExchange,
} from "./exchange/exchange.js";
export type { RawHeaders } from "./exchange/headers.js";
export {
  type RecordOptions,
  type RecordTlsOptions,
  type RunningRecording,
  record,
} from "./operations/record.js";
export {
  type Miss,
  type RunningServer,
  type ServeOptions,
  serve,
} from "./operations/serve.js";
