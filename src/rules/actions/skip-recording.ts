// skip-recording: an exchange passes, and nothing of it is kept.
import { z } from "zod";
import { defineAction } from "../acting.js";

const schema = z.literal(true);

export const skipRecording = defineAction({
  name: "skip-recording",
  terminal: false,
  bare: true,
  help: "Records nothing of the exchange.",
  example: `
name: no health checks in the recording
match: {path: /health}
actions: [skip-recording]
`,
  schema,
  compile: () => ({ does: "is not recorded", skipsRecording: true }),
});
