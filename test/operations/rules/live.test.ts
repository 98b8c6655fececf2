// Rules from a file on real traffic: between clients and origins of either protocol.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createRuleIntervention } from "../../../src/operations/rules/intervene.js";
import { RecordingRedaction } from "../../../src/operations/rules/kept-out/redacted-recording.js";
import { RuleCounts } from "../../../src/rules/counts.js";
import type { RuleSet } from "../../../src/rules/types.js";
import { REAL_CHANCE } from "../../../src/rules/values.js";
import { client, gotBy, ROUTES, ruledProxy, tellingOrigin } from "../../proxy/intervene/support.js";
import { rules, tempFolder } from "../../rules/support.js";
import { world } from "../../support/world.js";

const { authority, opened } = world();

const RULES = `
rules:
  - name: mock
    match: {path: /mock, method: POST}
    times: 2
    actions: {respond: {status: 201, json: {you: "{{request.json.name}}", n: "{{counter|json}}"}}}
  - name: files
    match: {path: /static/*}
    actions: {serve-dir: {dir: site, strip: /static/}}
  - name: moved
    match: {url: "https://localhost:*/old/*"}
    actions: {rewrite: {path: /new/$2}}
  - name: changed
    match: {path: [/new/*, /old/*, /plain]}
    actions:
      - set-request: {headers: {set: {x-env: staging}}, query: {set: {debug: "1"}}}
      - set-response: {edit-json: {set: {/seen: true}}, headers: {remove: [x-origin]}}
  - name: late
    match: ~c 200 & ~hs x-origin & ~u /tagged
    actions: {set-response: {status: 299}}
`;

describe.each(ROUTES)("from %s to %s", (from, to) => {
  test("every kind of rule does what it says", async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, "site"));
    const large = Buffer.alloc(300_000, "large ");
    writeFileSync(join(folder, "site", "large.txt"), large);
    const set: RuleSet = await rules(RULES, folder);
    const intervention = createRuleIntervention({
      rules: () => set,
      counts: new RuleCounts(),
      chance: REAL_CHANCE,
      now: () => new Date(),
      redaction: new RecordingRedaction((error) => {
        throw error;
      }),
    });
    const origin = await opened(tellingOrigin(authority, to));
    const proxy = await ruledProxy(authority, (head) => {
      const begun = intervention.begin(head);
      if (begun === undefined) return undefined;
      return {
        requestBodyLimit: begun.requestBodyLimit,
        request: (message, signal) => begun.request(message, signal),
        responseInterest: (each) => begun.responseInterest(each),
        response: (message, signal) => begun.response(message, signal),
        end: () => begun.end(),
      };
    });
    const user = await client(proxy, origin.port, from);

    const mocked = { method: "POST", path: "/mock", body: '{"name":"Bob"}' };
    for (const n of [1, 2]) {
      const answer = await user.send(mocked);
      expect({ status: answer.status, body: answer.body.toString() }).toEqual({
        status: 201,
        body: `{"you":"Bob","n":${n}}`,
      });
    }
    // Its times are used up: the origin gets the body that was held.
    expect(gotBy(await user.send(mocked))).toMatchObject({ path: "/mock", body: mocked.body });

    const file = await user.send({ path: "/static/large.txt" });
    expect(file.body.equals(large)).toBe(true);
    expect((await user.send({ path: "/static/../../x" })).status).toBe(404);

    const changed = await user.send({ path: "/old/a/b?q=1" });
    expect(gotBy(changed)).toMatchObject({
      path: "/new/a/b?q=1&debug=1",
      headers: { "x-env": "staging" },
      seen: true,
    });
    expect(changed.headers["x-origin"]).toBeUndefined();

    expect((await user.send({ path: "/tagged" })).status).toBe(299);
    expect((await user.send({ path: "/other" })).status).toBe(200);
  });
});
