// pass: no further rule is asked.
import { z } from "zod";
import { defineAction } from "../acting.js";

const schema = z.literal(true);

export const pass = defineAction({
  name: "pass",
  terminal: true,
  bare: true,
  help: "Lets the exchange pass: no further rule is asked. What rules before it changed stays changed.",
  example: `
name: leave health checks alone
priority: 1
match: {path: /health}
actions: [pass]
`,
  schema,
  compile: () => ({ does: "lets it pass; no further rule acts" }),
});
