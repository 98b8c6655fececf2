// `trafficctl intercept edit`: a held message in the person's editor, until it can be sent.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemCode, TrafficError, toTrafficError } from "../errors.js";
import { editOf, messageText } from "../operations/intercept/message-text.js";
import { type HeldSummary, resumeHeld, type ShownHeld, showHeld } from "../operations/intercept.js";
import { openEditor } from "./intercept-editor.js";

interface EditedHeld extends HeldSummary {
  readonly session: string;
  /** False: nothing was changed, and it is held still. */
  readonly edited: boolean;
}

interface HeldReference {
  readonly home: string;
  readonly session?: string;
  readonly id: number;
}

/** @throws TrafficError EXCHANGE_NOT_FOUND, BAD_OPTION, COMMAND_NOT_FOUND, IO_FAILED, and what the connection throws */
export async function editHeld(input: HeldReference): Promise<EditedHeld> {
  const shown = await showHeld(input);
  if (shown.decided !== "continues") {
    throw new TrafficError(
      "BAD_OPTION",
      `exchange ${input.id} can't be edited: a rule has decided it already`,
      {
        hint: "resume it, and edit the response when that is held",
      },
    );
  }
  const folder = await mkdtemp(join(tmpdir(), "trafficctl-edit-"));
  const path = join(folder, `${shown.phase}.http`);
  const original = messageText(shown, remarks(shown));
  let isKept = false;
  try {
    return await untilSendable(path, original, shown, input);
  } catch (error) {
    // A script writes it again; whoever typed it would have to as well.
    isKept = process.stdin.isTTY && (await isWrittenIn(path, original));
    throw isKept ? tellingWhere(path, error) : error;
  } finally {
    if (!isKept) await rm(folder, { recursive: true, force: true });
  }
}

async function untilSendable(
  path: string,
  original: Buffer,
  shown: ShownHeld & { readonly session: string },
  input: HeldReference,
): Promise<EditedHeld> {
  for (let given = original; ; ) {
    await writeFile(path, given, { mode: 0o600 });
    await openEditor(path);
    const text = await writtenIn(path);
    try {
      const edit = editOf(text, shown);
      if (edit === undefined) return { ...shown, edited: false };
      return { ...(await resumeHeld({ ...input, edit })), edited: true };
    } catch (error) {
      if (!(error instanceof TrafficError) || error.code !== "BAD_OPTION") throw goneMeanwhile(error, input);
      // Who sits at the terminal gets another try with the mistake on top, until it is left there; a script gets the mistake.
      if (!process.stdin.isTTY || text.equals(given)) throw error;
      given = withProblem(text, shown, error);
    }
  }
}

/** Its first line is for what is wrong with it, should anything be. */
function remarks({ id, phase, message }: ShownHeld): string[] {
  const coding = message.headers.find(([name]) => name.toLowerCase() === "content-encoding")?.[1];
  return [
    `Held ${phase} ${id}: it goes on with what you change. Left as it is, or emptied, it stays held.`,
    ...(coding === undefined ? [] : [`The body is shown without its coding, and gets it again: ${coding}`]),
  ];
}

/** In the place of the first remark, so that the numbers of the lines stay right. */
function withProblem(text: Buffer, { id, phase }: ShownHeld, { message, hint }: TrafficError): Buffer {
  const problem = [message, hint].filter((part) => part !== undefined).join(": ");
  const line = `# Held ${phase} ${id}, not sent: ${problem.replace(/\s+/g, " ")}\n`;
  const rest = text.at(0) === "#".charCodeAt(0) ? text.subarray(text.indexOf("\n") + 1) : text;
  return Buffer.concat([Buffer.from(line), rest]);
}

async function writtenIn(path: string): Promise<Buffer> {
  return await readFile(path).catch((cause: unknown) => {
    const problem = `the editor left no file that can be read (${systemCode(cause)}): nothing was changed`;
    throw new TrafficError("IO_FAILED", problem, { cause });
  });
}

async function isWrittenIn(path: string, original: Buffer): Promise<boolean> {
  const text = await readFile(path).catch(() => undefined);
  return text !== undefined && !text.equals(original);
}

function goneMeanwhile(error: unknown, { id }: HeldReference): unknown {
  if (!(error instanceof TrafficError) || error.code !== "EXCHANGE_NOT_FOUND") return error;
  const problem = `exchange ${id} is not held any more: it went on while it was edited, or its client left`;
  return new TrafficError(error.code, problem, { cause: error });
}

function tellingWhere(path: string, error: unknown): TrafficError {
  const { code, message, hint } = toTrafficError(error);
  const hints = [...(hint === undefined ? [] : [hint]), `what you wrote is in ${path}`];
  return new TrafficError(code, message, { hint: hints.join("; "), cause: error });
}
