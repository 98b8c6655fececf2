// The flags of `record` that change traffic, or hold it.
import type { Command } from "commander";
import { collect } from "./query-options.js";

export function addRuleOptions(command: Command): void {
  command
    .optionsGroup("What is changed on its way (these may be repeated; `trafficctl rules` has more):")
    .option("--rules <file>", "rules of a YAML or JSON file; a saved file holds at once", collect)
    .option("--mock <answer>", "answer a request: 'GET /api/x=200 @file.json'", collect)
    .option("--set-header <field>", "'Name: value' of requests; 'response Name: value' of responses", collect)
    .option(
      "--remove-header <name>",
      "take a field out of requests; 'response Name' out of responses",
      collect,
    )
    .option("--map-remote <map>", "another origin: https://api.example.com=http://localhost:3000", collect)
    .option("--map-local <map>", "files as answers: https://example.com/static=./dist", collect)
    .option("--delay <time>", "delay requests: 200ms, 100ms..1s; some: '/api/*=1s'", collect)
    .option(
      "--block <url>",
      "close connections to a host, path or URL; or answer: 'ads.example.com=403'",
      collect,
    )
    .optionsGroup("Breakpoints:")
    .option("--intercept <filter>", "hold what this filter matches, until `trafficctl intercept` lets it go")
    .option(
      "--intercept-timeout <time>",
      "let go what has been held for so long (default: hold without end)",
    );
}
