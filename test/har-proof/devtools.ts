// Chrome DevTools, as it is built into the Chromium that runs the tests: its Network panel takes a HAR by its own importer.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, CDPSession } from "playwright-core";
import { z } from "zod";

const PAGE = "devtools://devtools/bundled/devtools_app.html";
const SHOW = readFileSync(join(import.meta.dirname, "../../fixtures/har-page/devtools.js"), "utf8");

const shownSchema = z.object({
  /** What the table has, a row each, in its order: name, status, type, initiator, size, time. */
  rows: z.array(z.array(z.string())),
  /** What the panels beside it are filled from. */
  requests: z.array(
    z.object({
      url: z.string(),
      method: z.string(),
      status: z.number(),
      type: z.string(),
      protocol: z.string(),
      remote: z.string(),
      transferSize: z.number(),
      resourceSize: z.number(),
      content: z.string().nullable(),
      isBase64: z.boolean(),
      posted: z.string().nullable(),
      requestHeaders: z.number(),
      responseHeaders: z.number(),
      cookies: z.array(z.string()),
      frames: z.array(z.object({ opCode: z.number(), text: z.string(), type: z.string() })),
      events: z.array(z.object({ eventName: z.string(), eventId: z.string(), data: z.string() })),
      duration: z.number(),
    }),
  ),
});

export type Shown = z.infer<typeof shownSchema>;

/** @throws what DevTools says when it does not take the file. */
export async function showInDevTools(browser: Browser, har: string): Promise<Shown> {
  const session = await browser.newBrowserCDPSession();
  const { targetId } = await session.send("Target.createTarget", { url: PAGE });
  const target = await attach(session, targetId);
  // The table draws the rows that are seen.
  await target("Emulation.setDeviceMetricsOverride", {
    width: 1200,
    height: 6000,
    deviceScaleFactor: 1,
    mobile: false,
  });
  const evaluated = evaluateSchema.parse(
    await target("Runtime.evaluate", {
      expression: `(${SHOW.replace(/^\/\/.*/, "").trim()})(${JSON.stringify(har)})`,
      awaitPromise: true,
      returnByValue: true,
    }),
  );
  if (evaluated.exceptionDetails !== undefined) {
    throw new Error(evaluated.exceptionDetails.exception?.description ?? evaluated.exceptionDetails.text);
  }
  await session.send("Target.closeTarget", { targetId });
  return shownSchema.parse(evaluated.result.value);
}

const evaluateSchema = z.object({
  result: z.object({ value: z.unknown() }),
  exceptionDetails: z
    .object({ text: z.string(), exception: z.object({ description: z.string() }).optional() })
    .optional(),
});

type Target = (method: string, params: object) => Promise<unknown>;

const replySchema = z.object({ id: z.number().optional(), result: z.unknown().optional() });

/** Playwright has no page for a devtools: address; the protocol has. */
async function attach(session: CDPSession, targetId: string): Promise<Target> {
  const { sessionId } = await session.send("Target.attachToTarget", { targetId, flatten: false });
  const waiting = new Map<number, (result: unknown) => void>();
  session.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { id, result } = replySchema.parse(JSON.parse(message));
    if (id !== undefined) waiting.get(id)?.(result);
  });
  let last = 0;
  return async (method, params) => {
    const id = ++last;
    const reply = new Promise((resolve) => waiting.set(id, resolve));
    await session.send("Target.sendMessageToTarget", {
      sessionId,
      message: JSON.stringify({ id, method, params }),
    });
    return await reply;
  };
}
