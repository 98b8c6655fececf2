// `npm run demo`: records real clients talking HTTPS to an origin on this machine, and shows what was recorded. No
// internet is needed, and everything it makes is in a temporary folder that it removes.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";

const dist = new URL("../dist/", import.meta.url);
const trafficctl = new URL("bin/trafficctl.js", dist).pathname;
const { CertificateAuthority } = await import(new URL("src/proxy/authority.js", dist).href);

const folder = mkdtempSync(join(tmpdir(), "trafficctl-demo-"));
const home = join(folder, "home");
try {
  const origin = await startOrigin();
  const base = `https://localhost:${origin.port}`;
  say("An HTTPS origin is listening", base);
  const hasCurl = spawnSync("curl", ["--version"]).status === 0;
  if (hasCurl) {
    await record("curl-demo", ["curl", "-sS", "-d", "hello=world", `${base}/form`]);
  }
  await record("node-demo", [process.execPath, "--input-type=module", "-e", nodeClient(base)]);
  say("The sessions on disk", "trafficctl sessions list");
  await run(["sessions", "list", "--home", home]);
  say("One recorded line", "node-demo/exchanges.jsonl");
  const lines = readFileSync(join(home, "sessions", "node-demo", "exchanges.jsonl"), "utf8")
    .trim()
    .split("\n");
  const line = JSON.parse(lines.find((text) => text.includes('"type":"exchange"')));
  process.stdout.write(`${inspect(line, { depth: 8, compact: 8, breakLength: 110 })}\n`);
  say("Next", "npm i -g . ; trafficctl record -- YOUR COMMAND");
  origin.server.close();
  origin.server.closeAllConnections();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function startOrigin() {
  const authority = await CertificateAuthority.open(join(folder, "origin-ca"));
  const server = https.createServer(
    { SNICallback: (name, done) => done(null, authority.contextFor(name)) },
    answer,
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: server.address().port, caPath: authority.certPath };
}

function answer(request, response) {
  if (request.url === "/events") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    let count = 0;
    const timer = setInterval(() => {
      response.write(`data: event ${++count}\n\n`);
      if (count === 3) {
        clearInterval(timer);
        response.end();
      }
    }, 50);
    return;
  }
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const status = request.url === "/missing" ? 404 : 200;
    response.writeHead(status, { "content-type": "application/json", "set-cookie": ["a=1; Path=/", "b=2"] });
    response.end(
      JSON.stringify({ method: request.method, url: request.url, body: Buffer.concat(chunks).toString() }),
    );
  });
}

function nodeClient(base) {
  return `for (const path of ["/users?page=1", "/missing", "/events"]) {
    const response = await fetch(${JSON.stringify(base)} + path);
    console.log(response.status, (await response.text()).replaceAll("\\n\\n", " "));
  }`;
}

async function record(session, command) {
  const shown = command[0] === process.execPath ? ["node", "client.mjs"] : command;
  say("Recording", `trafficctl record -- ${shown.join(" ")}`);
  const caPath = join(folder, "origin-ca", "ca.pem");
  const options = ["--port", "0", "--home", home, "--session", session, "--upstream-ca", caPath];
  await run(["record", ...options, "--", ...command]);
  process.stdout.write("\n");
}

async function run(args) {
  const child = spawn(process.execPath, [trafficctl, ...args], { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`trafficctl ${args[0]} ended with exit code ${code}`);
}

function say(title, what) {
  process.stdout.write(`\n== ${title}: ${what}\n`);
}
