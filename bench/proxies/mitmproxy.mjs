// mitmproxy's `mitmdump`, writing whole flows with its own save addon (`-w`). Measured where it is installed.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { answers, freePort, onPath } from "../ports.mjs";
import { spawnUntil, stop } from "../process.mjs";
import { readFlows } from "../recorded-flows.mjs";

/** @type {import("./adapter.mjs").Adapter} */
export const mitmproxy = {
  name: "mitmproxy",
  anyHost: true,
  unavailable: () => (onPath("mitmdump") ? null : "mitmdump is not on the PATH"),
  version: () =>
    /\d+\.\d+[\w.]*/.exec(execFileSync("mitmdump", ["--version"], { encoding: "utf8" }))?.[0] ?? "?",
  start: async ({ folder, originCa }) => {
    const port = await freePort();
    const flows = join(folder, "flows");
    const ca = join(folder, "mitmproxy-ca-cert.pem");
    const child = await spawnUntil(
      "mitmdump",
      [
        ...["--quiet", "--listen-host", "127.0.0.1", "--listen-port", String(port), "-w", flows],
        ...["--set", `confdir=${folder}`, "--set", `ssl_verify_upstream_trusted_ca=${originCa}`],
      ],
      folder,
      async () => existsSync(ca) && readFileSync(ca, "utf8").includes("END") && (await answers(port)),
    );
    return {
      pid: /** @type {number} */ (child.pid),
      port,
      tunnel: true,
      ca,
      stop: () => stop(child),
      recorded: async () => readFlows(flows),
    };
  },
};
