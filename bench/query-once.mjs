// One query in a process of its own, for `bench/query.mjs`: node query-once.mjs LOG FILTER SORT LIMIT. Prints a line of
// JSON; the wall time is from the start of the process.
import { compileFilter } from "../dist/src/filter/filter.js";
import { select } from "../dist/src/operations/select.js";

const [log = "", text = "", sort = "asc", limit = ""] = process.argv.slice(2);
const selection = await select({
  home: "",
  sources: [log],
  filter: text === "" ? null : compileFilter(text),
  sort: /** @type {import("../dist/src/operations/select.js").Sort} */ (sort),
  limit: limit === "" ? undefined : Number(limit),
});
let given = 0;
for await (const { facts } of selection) if (facts.url !== "") given++;
await selection.close();
const ms = performance.timeOrigin + performance.now() - Number(process.env.STARTED);
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const result = {
  total: selection.total,
  given,
  ms,
  mb: maxRSS / 1024,
  cpuMs: (userCPUTime + systemCPUTime) / 1000,
};
process.stdout.write(JSON.stringify(result));
