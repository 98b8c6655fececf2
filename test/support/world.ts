// What an end-to-end test opens, closed again after it: origins, recordings, and an authority that the origins share.
import { afterAll, afterEach, beforeAll } from "vitest";
import { type Origin, type OriginAuthority, originAuthority } from "./origin.js";
import { type TestRecording, testRecording } from "./recording.js";

export interface World {
  readonly authority: OriginAuthority;
  /** Closes it after the test. */
  keep(each: Origin | TestRecording): void;
  opened<T extends Origin | TestRecording>(each: Promise<T>): Promise<T>;
  /** A recording that trusts the origins of this world. */
  trusting(): Promise<TestRecording>;
}

/** To be called at the top of a test file. */
export function world(): World {
  let authority: OriginAuthority | undefined;
  const open: (Origin | TestRecording)[] = [];
  beforeAll(async () => {
    authority = await originAuthority();
  });
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await ("remove" in each ? each.remove() : each.close());
  });
  afterAll(() => authority?.remove());
  const opened = async <T extends Origin | TestRecording>(each: Promise<T>): Promise<T> => {
    const value = await each;
    open.push(value);
    return value;
  };
  const ready = (): OriginAuthority => {
    if (authority === undefined) throw new Error("the world is there from the first test on");
    return authority;
  };
  return {
    authority: {
      get caPath() {
        return ready().caPath;
      },
      context: (host) => ready().context(host),
      identity: () => ready().identity(),
      remove: () => ready().remove(),
    },
    keep: (each) => {
      open.push(each);
    },
    opened,
    trusting: () => opened(testRecording({ tls: { upstreamCa: ready().caPath } })),
  };
}
