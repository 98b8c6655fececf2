// What docs/mcp.md says beside the tables.

export const INTRODUCTION = `# For agents: the MCP server

\`trafficctl mcp\` serves everything that the command line can do to agents, over the Model Context Protocol. Clients start it and
talk to it over stdin and stdout; with \`--http\` it listens on 127.0.0.1 for several of them.

The SDK is an optional dependency: where it is missing, \`npm install -g @modelcontextprotocol/sdk\` beside trafficctl.

- **Secrets are replaced** by \`REDACTED-1\` and so on, by the policy of the export ([redaction.md](redaction.md)): equal ones alike, in
  all answers of a server, also where only another exchange of the session tells that they are secrets. A placeholder can be
  searched for. \`--no-redact\` turns that off and tells the agent so.
- **Answers fit**: 24,000 characters each (\`--budget\`). Lists have \`nextCursor\`, bodies are read by range with their total size, and
  nothing is left out without a word.
- **What was recorded is data.** It stands in a frame that says so, with a mark that recorded text can't know.
- **Files** are read and written inside \`--root\` folders only (by default the home folder and the working directory): no \`..\`, no
  symbolic link that leads out, never the CA's key; nothing is written where sessions are kept.
- **Commands** are run with \`--allow-exec\` only. **Requests** are sent without \`--allow-send\` only with GET, HEAD, OPTIONS and TRACE, to
  origins that a client of the proxy has talked to; rules that send requests elsewhere and upstream proxies need it too. The answer says so when it refuses.
- **What a client starts ends with it**: its proxy, its servers, its commands. The recordings stay.
- **Every tool declares its \`outputSchema\`**: its members and those of its rows, short, because clients carry the list along.
- Errors have a stable \`code\`, a message and mostly a hint: \`structuredContent.error\`.`;

const MCP_SERVERS = (type: string): string => `{
  "mcpServers": {
    "trafficctl": {${type} "command": "trafficctl", "args": ["mcp"] }
  }
}`;

export const SETUP = `## Set-up

Add the flags that you want to allow behind \`mcp\`: \`--allow-exec\`, \`--allow-send\`, \`--root ~/project\`, \`--toolsets capture,query,har\`.

**Claude Code**

\`\`\`sh
claude mcp add trafficctl -- trafficctl mcp
claude mcp add trafficctl -- trafficctl mcp --allow-exec --root .      # may run commands
\`\`\`

**Claude Desktop**: \`claude_desktop_config.json\` (Settings, Developer, Edit Config)

\`\`\`json
${MCP_SERVERS("")}
\`\`\`

**Cursor**: \`~/.cursor/mcp.json\`, or \`.cursor/mcp.json\` in a project

\`\`\`json
${MCP_SERVERS("")}
\`\`\`

**VS Code**: \`.vscode/mcp.json\`

\`\`\`json
{
  "servers": {
    "trafficctl": { "type": "stdio", "command": "trafficctl", "args": ["mcp"] }
  }
}
\`\`\`

Over HTTP, for several clients at once. The token is printed once, and kept in \`mcp-token\` in the home folder (0600); Host and Origin
are checked. A client that is gone without a word for \`--client-timeout\` (60 s) has ended.

\`\`\`sh
trafficctl mcp --http --port 3001
claude mcp add --transport http trafficctl http://127.0.0.1:3001/mcp --header "Authorization: Bearer TOKEN"
\`\`\``;
