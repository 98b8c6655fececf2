// The table of all tools: what a client is offered, what docs/mcp.md says, what the tests go through.
import type { Toolset } from "./settings.js";
import type { Tool } from "./tool.js";
import { CAPTURE_TOOLS } from "./tools/capture.js";
import { CAPTURE_CLEAR_TOOLS } from "./tools/capture-clear.js";
import { CAPTURE_SETUP_TOOLS } from "./tools/capture-setup.js";
import { CAPTURE_TRAFFIC_TOOLS } from "./tools/capture-traffic.js";
import { FIXTURE_TOOLS } from "./tools/fixtures.js";
import { HAR_TOOLS } from "./tools/har.js";
import { HAR_FILE_TOOLS } from "./tools/har-files.js";
import { INTERCEPT_TOOLS } from "./tools/intercept.js";
import { INTERCEPT_GO_TOOLS } from "./tools/intercept-go.js";
import { QUERY_LIST_TOOLS } from "./tools/query-list.js";
import { QUERY_MESSAGE_TOOLS } from "./tools/query-messages.js";
import { QUERY_SEARCH_TOOLS } from "./tools/query-search.js";
import { QUERY_SHOW_TOOLS } from "./tools/query-show.js";
import { QUERY_STATS_TOOLS } from "./tools/query-stats.js";
import { REPLAY_TOOLS } from "./tools/replay.js";
import { REPLAY_MORE_TOOLS } from "./tools/replay-more.js";
import { RESULT_TOOLS } from "./tools/result.js";
import { RULE_TOOLS } from "./tools/rules.js";
import { RULE_TEST_TOOLS } from "./tools/rules-test.js";
import { RUN_COMMAND_TOOLS } from "./tools/run-command.js";
import { SERVE_TOOLS } from "./tools/serve.js";
import { SESSION_CHANGE_TOOLS } from "./tools/session-changes.js";
import { SESSION_TOOLS } from "./tools/sessions.js";

/** A group of tools is a file in tools/ and a line here. */
export const TOOLS: readonly Tool[] = [
  ...CAPTURE_TOOLS,
  ...CAPTURE_CLEAR_TOOLS,
  ...CAPTURE_TRAFFIC_TOOLS,
  ...RUN_COMMAND_TOOLS,
  ...CAPTURE_SETUP_TOOLS,
  ...QUERY_LIST_TOOLS,
  ...QUERY_SEARCH_TOOLS,
  ...QUERY_SHOW_TOOLS,
  ...QUERY_MESSAGE_TOOLS,
  ...QUERY_STATS_TOOLS,
  ...SESSION_TOOLS,
  ...SESSION_CHANGE_TOOLS,
  ...HAR_TOOLS,
  ...HAR_FILE_TOOLS,
  ...REPLAY_TOOLS,
  ...REPLAY_MORE_TOOLS,
  ...RULE_TOOLS,
  ...RULE_TEST_TOOLS,
  ...INTERCEPT_TOOLS,
  ...INTERCEPT_GO_TOOLS,
  ...FIXTURE_TOOLS,
  ...SERVE_TOOLS,
  ...RESULT_TOOLS,
];

export function toolsOf(toolsets: ReadonlySet<Toolset>): Tool[] {
  return TOOLS.filter((tool) => [tool.toolset, ...(tool.alsoIn ?? [])].some((each) => toolsets.has(each)));
}
