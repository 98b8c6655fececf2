// The one error of the HTTP/1 parsers.

/** What an HTTP/1 peer sent can't be read, or could be read in two ways. `status` is for a client's request. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
  readonly status: 400 | 408 | 431 | 501 | 505;

  constructor(message: string, status: 400 | 408 | 431 | 501 | 505 = 400) {
    super(message);
    this.status = status;
  }
}
