// `trafficctl rules test`: what rules would do with one exchange, and why.
import type { Command } from "commander";
import { TrafficError } from "../errors.js";
import type { TestRulesInput } from "../operations/rules/test-rules.js";
import { type CommonOptions, commonCommand, homeOf, printResult } from "./output.js";
import { collect } from "./query-options.js";
import { testedJson, testedText } from "./rules-test-text.js";

interface Flags extends CommonOptions {
  readonly method?: string;
  readonly url?: string;
  readonly header?: readonly string[];
  readonly body?: string;
  readonly exchange?: readonly string[];
  readonly message?: readonly string[];
}

const EXAMPLES = `
Nothing is sent, and nothing counted. What decides is the evaluator that decides on traffic; a rule with a probability acts.
With --message the request asks for a WebSocket, and its origin accepts. Of a recorded WebSocket all messages are tried.

Examples:
  $ trafficctl rules test rules.yaml --url https://api.example.com/orders
  $ trafficctl rules test rules.yaml --method POST --url https://api.example.com/orders --header 'X-A: 1' --body @order.json
  $ trafficctl rules test rules.yaml --exchange last 3
  $ trafficctl rules test rules.yaml --url wss://stream.example.com/feed --message 'receive:{"type":"price","price":7}'
`;

export function testCommand(): Command {
  return commonCommand("test", "what rules would do with one exchange, every check of every rule")
    .argument("<file...>", "rule files; - is standard input")
    .option("--url <url>", "of a request")
    .option("--method <method>", "default GET, with --body POST")
    .option("--header <field>", "'Name: value' (may be repeated)", collect)
    .option("--body <text>", "a text, or @file")
    .option(
      "--exchange <session-id...>",
      "SESSION ID: an exchange as it was recorded; without a session the last",
    )
    .option(
      "--message <text>",
      "of a WebSocket: send:TEXT from the client, receive:TEXT from the server, TEXT both ways; @file for a text (may be repeated)",
      collect,
    )
    .addHelpText("after", EXAMPLES)
    .action(async (files: string[], flags: Flags) => {
      const { testRules } = await import("../operations/rules/test-rules.js");
      const tested = await testRules({
        home: await homeOf(flags),
        files,
        on: exchangeOf(flags),
        messages: flags.message,
      });
      await printResult(flags, testedJson(tested), (text) => testedText(tested, text));
    });
}

function exchangeOf({ method, url, header, body, exchange }: Flags): TestRulesInput["on"] {
  if (exchange !== undefined) {
    if (url !== undefined || method !== undefined || header !== undefined || body !== undefined) {
      throw new TrafficError("USAGE", "--exchange has a request of its own", {
        hint: "leave the other flags out",
      });
    }
    const [first = "", second] = exchange;
    if (exchange.length > 2) throw new TrafficError("USAGE", "--exchange takes a session and an id");
    return second === undefined ? { session: "last", exchange: first } : { session: first, exchange: second };
  }
  if (url === undefined) {
    throw new TrafficError("USAGE", "there is nothing to test the rules on", {
      hint: "name a request with --url, or a recorded one with --exchange SESSION ID",
    });
  }
  return { url, method, headers: header, body };
}
