// Checks a HAR file: the schema, our stricter rules, or what one of its readers needs.
import type { Consumer, Finding } from "../har/finding.js";
import { openHar } from "../har/open.js";
import { validateHar as findingsOf } from "../har/validate.js";

export type { Consumer, Finding };

export interface ValidateInput {
  readonly file: string;
  /** Only what matters to this reader. */
  readonly consumer?: Consumer;
  readonly onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

export interface Validation {
  /** No finding is an error. */
  readonly valid: boolean;
  readonly errors: number;
  readonly warnings: number;
  /** The first of them. */
  readonly findings: readonly Finding[];
}

const MOST_NAMED = 1000;

/** @throws FILE_NOT_FOUND, IO_FAILED; HAR_INVALID when it is not a HAR at all. */
export async function validateHar(input: ValidateInput): Promise<Validation> {
  const har = await openHar(input.file);
  const findings: Finding[] = [];
  let errors = 0;
  let warnings = 0;
  try {
    const options = input.consumer === undefined ? {} : { consumer: input.consumer };
    for await (const finding of findingsOf(har.chunks(), options)) {
      if (finding.severity === "error") errors++;
      else warnings++;
      if (findings.length < MOST_NAMED) findings.push(finding);
      input.onProgress?.({ done: har.position, total: har.size });
    }
  } finally {
    await har.close();
  }
  return { valid: errors === 0, errors, warnings, findings };
}
