// Errors that only this surface has, which is why they are no TrafficErrors: its gates, and the size of its answers.

export abstract class OwnError extends Error {
  abstract readonly code: string;
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** What this server does not do for a client, and what would allow it. */
export class Refusal extends OwnError {
  override readonly name = "Refusal";
  readonly code = "NOT_ALLOWED";
}

/** Not even with its strings shortened. */
export class AnswerTooLarge extends OwnError {
  override readonly name = "AnswerTooLarge";
  readonly code = "ANSWER_TOO_LARGE";

  constructor(size: number, budget: number) {
    super(
      `the answer has ${size} characters, and an answer has at most ${budget}`,
      "ask for less of it; a head with very many fields is read with read_exchange_part. `trafficctl mcp --budget` sets the limit",
    );
  }
}
