// What tests of one file open and close again after each test, and curl brought to a recording.
import { afterAll, afterEach, beforeAll } from "vitest";
import { type Origin, type OriginAuthority, originAuthority } from "./origin.js";
import type { TestRecording } from "./recording.js";
import { type RunResult, run } from "./run.js";

type Closable = Origin | TestRecording;

/** Registers the clean-up with vitest. @returns the authority of the origins, and what keeps a thing until the test ends */
export function useOrigins(): {
  readonly authority: () => OriginAuthority;
  readonly opened: <T extends Closable>(each: Promise<T>) => Promise<T>;
} {
  let authority: OriginAuthority | undefined;
  const open: Closable[] = [];
  beforeAll(async () => {
    authority = await originAuthority();
  });
  afterAll(() => authority?.remove());
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await ("remove" in each ? each.remove() : each.close());
  });
  return {
    authority: () => {
      if (authority === undefined) throw new Error("the authority is made before the first test");
      return authority;
    },
    opened: async (each) => {
      const value = await each;
      open.push(value);
      return value;
    },
  };
}

/**
 * curl that trusts the recording's CA; `args` say how it gets there. HTTP/1.1, since with HTTP/2 on offer an origin is
 * asked for its protocol on a connection of its own.
 */
export function curl(recording: TestRecording, ...args: string[]): Promise<RunResult> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)));
  return run("curl", ["-sS", "--http1.1", "--noproxy", "", "--cacert", recording.ca.certPath, ...args], {
    env,
  });
}
