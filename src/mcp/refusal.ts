// What this server does not do for a client, and what would allow it. Not a TrafficError: only this surface has gates.

export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code = "NOT_ALLOWED";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
