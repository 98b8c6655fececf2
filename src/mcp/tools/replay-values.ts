// Arguments of the tools that send, and what they mean to the operations.
import { z } from "zod";
import type { CompareRules, ReplayInput, RequestEdits } from "../../operations/replay.js";
import type { ToolContext } from "../tool.js";

const NAME = z.string().min(1).max(1000);
const HEADERS = z.array(z.tuple([NAME, z.string().max(100_000)])).max(200);

export const INTO = z
  .string()
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/)
  .exactOptional()
  .describe("Name of the new session for what is sent; default a time stamp");

export const TIMEOUT = z
  .number()
  .min(0.1)
  .max(120)
  .default(15)
  .describe("Seconds an origin may take to connect, and be silent; default 15");

export const UPSTREAM_CA = z
  .string()
  .max(4096)
  .exactOptional()
  .describe("PEM file inside the roots, of certificates to trust besides the system's");

export const EDITS = {
  setHeaders: HEADERS.exactOptional().describe(
    "[name, value] pairs that take the place of fields of that name",
  ),
  removeHeaders: z.array(NAME).max(200).exactOptional().describe("Names of fields to leave out"),
};

export const BODY = {
  body: z.string().max(10_000_000).exactOptional().describe("The body as text"),
  bodyBase64: z.string().max(10_000_000).exactOptional().describe("The body as base64, for bytes"),
};

export const SINGLE_EDITS = {
  method: z
    .string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/)
    .exactOptional()
    .describe("Another method"),
  url: z.string().max(100_000).exactOptional().describe("Another URL, as a whole"),
  ...EDITS,
  ...BODY,
  jsonSet: z
    .array(z.tuple([z.string().max(1000), z.json()]))
    .max(100)
    .exactOptional()
    .describe("[JSON Pointer, value] pairs to set in a JSON body: [['/user/name', 'Ada']]"),
};

export const COMPARE = z
  .union([
    z.boolean(),
    z.strictObject({
      ignoreHeaders: z.array(NAME).max(100).exactOptional(),
      ignore: z
        .array(z.string().max(1000))
        .max(100)
        .exactOptional()
        .describe("JSON Pointers, * for any: '/items/*/id'"),
      unordered: z.boolean().exactOptional().describe("Arrays are compared as sets"),
    }),
  ])
  .default(false)
  .describe("Compare each response with the recorded one (volatile headers are ignored); default false");

type EditInput = {
  readonly [Name in keyof typeof SINGLE_EDITS]?: z.output<(typeof SINGLE_EDITS)[Name]>;
};

export function editsOf({ bodyBase64, body, ...edits }: EditInput): RequestEdits {
  const bytes = bytesOf({
    ...(body === undefined ? {} : { body }),
    ...(bodyBase64 === undefined ? {} : { bodyBase64 }),
  });
  return { ...edits, ...(bytes === undefined ? {} : { body: bytes }) };
}

/** @returns undefined where no body is given */
export function bytesOf({
  body,
  bodyBase64,
}: {
  readonly body?: string;
  readonly bodyBase64?: string;
}): Buffer | undefined {
  if (bodyBase64 !== undefined) return Buffer.from(bodyBase64, "base64");
  return body === undefined ? undefined : Buffer.from(body, "utf8");
}

export function compareOf(compare: z.output<typeof COMPARE>): CompareRules | undefined {
  if (compare === false) return undefined;
  return compare === true ? {} : compare;
}

/** @throws Refusal, FILE_NOT_FOUND */
export async function tlsOf(
  upstreamCa: string | undefined,
  { roots }: ToolContext,
): Promise<NonNullable<ReplayInput["tls"]>> {
  return upstreamCa === undefined ? {} : { upstreamCa: await roots.readable(upstreamCa) };
}
