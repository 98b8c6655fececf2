// What redaction costs: CPU time for each megabyte, both passes of an export (learn, then replace), by sort of traffic.
//   node bench/redact.mjs [--mb 30] [--only "JSON API,HTML"] [--secrets 10] [--dist FOLDER]
// Needs a build (npm run build). Every body is read as another one (a number is written into it), as equal bodies are looked
// at once. The last line has the mix: as many bytes of each sort.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { bodyWithSecrets, createCorpus } from "./redact/corpus.mjs";

const { values } = parseArgs({
  options: {
    mb: { type: "string", default: "30" },
    only: { type: "string" },
    secrets: { type: "string", default: "0,10,5000" },
    dist: { type: "string", default: resolve(import.meta.dirname, "../dist") },
  },
});
const { Redaction } = await import(pathToFileURL(resolve(values.dist, "src/operations/redaction.js")).href);
const corpus = createCorpus();
const only = values.only?.split(",") ?? Object.keys(corpus);
const counts = values.secrets.split(",").map(Number);

/** Each body in as many copies as make the megabytes, all different: the last three bytes that are letters are a number. */
function* copies(bodies, megabytes) {
  let done = 0;
  for (let number = 0; done < megabytes * 1e6; number++) {
    for (const body of bodies) {
      const copy = Buffer.from(body);
      const at = copy.lastIndexOf("the");
      if (at !== -1) copy.write(number.toString(36).padStart(3, "z").slice(-3), at, "latin1");
      else copy.writeUInt16LE(0x6161 + (number % 20), copy.length >> 1);
      done += copy.length;
      yield copy;
      if (done >= megabytes * 1e6) return;
    }
  }
}

function cpuMilliseconds(run) {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function measure({ type, bodies }, secrets) {
  const redaction = new Redaction();
  const place = { headers: [["Content-Type", type]], side: "response", url: "https://example.com/x" };
  const given = {
    headers: [["Content-Type", "application/json"]],
    side: "response",
    url: "https://example.com/t",
  };
  if (secrets > 0) redaction.learnContent(bodyWithSecrets(secrets), given);
  for (const body of bodies) redaction.learnContent(body, place);
  const all = [...copies(bodies, Number(values.mb))];
  const megabytes = all.reduce((sum, { length }) => sum + length, 0) / 1e6;
  const learn = cpuMilliseconds(() => {
    for (const body of all) redaction.learnContent(body, place);
  });
  let changed = 0;
  const replace = cpuMilliseconds(() => {
    for (const body of all) if (redaction.content(body, place).bytes !== body) changed++;
  });
  return { learn: learn / megabytes, replace: replace / megabytes, changed, of: all.length };
}

const print = (line) => process.stdout.write(`${line}\n`);
print(`| traffic | secrets | learn ms/MB | replace ms/MB | MB/s of CPU, both | bodies changed |`);
print("|---|---|---|---|---|---|");
for (const secrets of counts) {
  let sum = 0;
  let sorts = 0;
  for (const [name, kind] of Object.entries(corpus)) {
    if (!only.includes(name)) continue;
    const { learn, replace, changed, of } = measure(kind, secrets);
    sum += learn + replace;
    sorts++;
    print(
      `| ${name} | ${secrets} | ${learn.toFixed(1)} | ${replace.toFixed(1)} | ${(1000 / (learn + replace)).toFixed(0)} | ${changed} of ${of} |`,
    );
  }
  print(`| all | ${secrets} | | | ${((1000 * sorts) / sum).toFixed(0)} | |`);
}
