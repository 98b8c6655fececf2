// `serve` answers a page from its recording, WebSocket and all, with the origin and the recording proxy gone.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportHar } from "../../src/operations/export-har.js";
import { serve } from "../../src/operations/serve.js";
import { launchChromium } from "../support/chromium.js";
import { type OriginAuthority, originAuthority } from "../support/origin.js";
import { type Driven, drive, resultsOf } from "./drive.js";

let authority: OriginAuthority;
let folder: string;
beforeAll(async () => {
  authority = await originAuthority();
  folder = await mkdtemp(join(tmpdir(), "trafficctl-serve-"));
});
afterAll(async () => {
  await authority.remove();
  await rm(folder, { recursive: true, force: true });
});

describe.each(["1.1", "2.0"] as const)("HTTP/%s", (version) => {
  let driven: Driven;
  beforeAll(async () => {
    driven = await drive(authority, version, folder);
  }, 120_000);
  afterAll(() => driven?.recording.remove());

  test.each(["session", "har"])("the page works from a %s", { timeout: 120_000 }, async (kind) => {
    const { recording, site, results } = driven;
    const { home } = recording;
    const output = join(folder, `${version}.har`);
    if (kind === "har") await exportHar({ home, words: ["last"], output, redact: "off" });
    const server = await serve({ home, from: kind === "har" ? output : recording.session.path });
    const browser = await launchChromium(server.url, recording.ca.spkiFingerprint);
    try {
      const page = await browser.newPage();
      await page.goto(`${site.url}/`);
      expect(await resultsOf(page)).toEqual({
        ...Object(results),
        // The page left before there was an answer, so none was recorded, and what is no answer is a miss.
        "aborted early": expect.stringContaining(`no answer to GET ${site.url}/never`),
        // A page that leaves ends its HTTP/1.1 connection, which the origin then ends too: recorded as a response that the
        // origin cut off, and so cut off again, maybe before the page has read what there is of it.
        ...(version === "1.1" ? { "aborted late": expect.toBeOneOf([200, "failed: TypeError"]) } : {}),
      });
      // Besides /never, the origin that refused. Chromium calls home on its own account.
      const missed = server.misses.filter(({ url }) => url.startsWith("https://localhost:"));
      expect(missed.map(({ url }) => new URL(url).pathname)).toEqual(["/", "/never"]);
    } finally {
      await browser.close();
      await server.stop();
    }
  });
});
