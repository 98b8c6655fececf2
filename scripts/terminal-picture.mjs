// Draws docs/terminal.svg from a real run: `npm run picture`. The clients talk to an origin on this machine under a
// name of its own, so that the picture shows no real host.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

const COLUMNS = 104;
/** One SGR sequence, as chalk writes it. */
const SGR = new RegExp(`(${String.fromCharCode(27)}\\[\\d+m)`);
const COLOURS = { 31: "#ff6b6b", 32: "#7bd88f", 33: "#f5d76e", 36: "#6fc3df" };
const dist = new URL("../dist/", import.meta.url);
const { CertificateAuthority } = await import(new URL("src/proxy/authority.js", dist).href);

const folder = mkdtempSync(join(tmpdir(), "trafficctl-picture-"));
const authority = await CertificateAuthority.open(join(folder, "origin"));
const server = https.createServer(
  { SNICallback: (name, done) => done(null, authority.contextFor(name)) },
  answer,
);
server.listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address();
const base = `https://localhost:${port}`;
const paths = ["/", "/style.css", "/api/users?page=1", "/api/users/7", "/events", "/api/broken"];
const client = `const answers = [];
for (const path of ${JSON.stringify(paths)}) answers.push((await (await fetch("${base}" + path)).text()).length);`;
const output = await run([
  "record",
  "--port",
  "0",
  "--home",
  join(folder, "home"),
  "--session",
  "smoke",
  "--fail-on",
  "5xx",
  "--upstream-ca",
  authority.certPath,
  "--",
  process.execPath,
  "--input-type=module",
  "-e",
  client,
]);
server.close();
server.closeAllConnections();
rmSync(folder, { recursive: true, force: true });

const shown = output
  .replaceAll(
    new RegExp(`localhost:${port}(/\\S*)( +)`, "g"),
    (_all, path, gap) => `shop.test${path}${gap}${" ".repeat(base.length - "https://shop.test".length)}`,
  )
  .replaceAll(join(folder, "home"), "~/.local/share/trafficctl");
writeFileSync(
  process.argv[2],
  svg([
    "\u001b[1m$ trafficctl record --fail-on 5xx -- npm run smoke\u001b[22m",
    ...shown.trimEnd().split("\n"),
  ]),
);

function answer(request, response) {
  const types = { "/": "text/html", "/style.css": "text/css", "/events": "text/event-stream" };
  response.writeHead(request.url === "/api/broken" ? 503 : 200, {
    "content-type": types[request.url] ?? "application/json",
  });
  response.end("x".repeat(request.url.length * 137));
}

async function run(args) {
  const env = { ...process.env, FORCE_COLOR: "1", COLUMNS: String(COLUMNS) };
  const child = spawn(process.execPath, [new URL("bin/trafficctl.js", dist).pathname, ...args], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  await once(child, "close");
  return text;
}

function svg(lines) {
  const height = lines.length * 20 + 40;
  const width = Math.max(...lines.map((line) => plain(line).length)) * 8.4 + 40;
  const rows = lines.map(
    (line, index) => `<text x="20" y="${index * 20 + 36}" xml:space="preserve">${spans(line)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${height}" role="img" aria-label="A terminal: trafficctl records npm run smoke and reports a 503">
<rect width="100%" height="100%" rx="8" fill="#171b26"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#d7dce8">
${rows.join("\n")}
</g>
</svg>
`;
}

/** SGR codes to spans: bold, dim and the four colours that the output uses. */
function spans(line) {
  const style = { bold: false, dim: false, colour: "" };
  let result = "";
  for (const part of line.split(SGR)) {
    const code = SGR.test(part) ? part.slice(2, -1) : undefined;
    if (code === undefined) {
      if (part === "") continue;
      const attributes = `${style.colour && ` fill="${style.colour}"`}${style.bold ? ' font-weight="bold"' : ""}${style.dim ? ' opacity="0.6"' : ""}`;
      result += `<tspan${attributes}>${part.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</tspan>`;
    } else if (code === "1") style.bold = true;
    else if (code === "2") style.dim = true;
    else if (code === "22") style.bold = style.dim = false;
    else if (code === "39") style.colour = "";
    else style.colour = COLOURS[code] ?? "";
  }
  return result;
}

function plain(line) {
  return line
    .split(SGR)
    .filter((part) => !SGR.test(part))
    .join("");
}
