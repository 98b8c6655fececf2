// Variables as lines that a shell, or another reader of such lines, takes for exactly these values.
import { TrafficError } from "../errors.js";

export const SHELLS = ["bash", "fish", "powershell", "dotenv", "docker"] as const;
export type Shell = (typeof SHELLS)[number];

const LINE: Readonly<Record<Shell, (name: string, value: string) => string>> = {
  // POSIX: nothing is special within single quotes, so a quote has to stand outside of them.
  bash: (name, value) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`,
  fish: (name, value) => `set -gx ${name} '${value.replace(/[\\']/g, String.raw`\$&`)}'`,
  // PowerShell takes typographic single quotes for quotes too.
  powershell: (name, value) => `$env:${name} = '${value.replace(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`,
  dotenv: (name, value) => `${name}=${quoteForDotenv(value)}`,
  // Docker's --env-file has no quotes: a value is the rest of its line.
  docker: (name, value) => {
    if (!/[\r\n]/.test(value)) return `${name}=${value}`;
    throw new TrafficError("BAD_OPTION", `${name} has a line break, which docker's --env-file can't hold`, {
      hint: "use --json",
    });
  },
};

/** @throws TrafficError BAD_OPTION for a value that the form can't hold */
export function shellLines(shell: Shell, variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${LINE[shell](name, value)}\n`)
    .join("");
}

/** @returns the shell that `SHELL` names, PowerShell on Windows, bash's syntax for everything else. */
export function currentShell(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): Shell {
  const name = env.SHELL ?? "";
  if (/(^|\/)fish$/.test(name)) return "fish";
  return platform === "win32" && name === "" ? "powershell" : "bash";
}

/** Single quotes mean the text itself to every dotenv reader; double ones only where there is no other way. */
function quoteForDotenv(value: string): string {
  if (!/['\r\n]/.test(value)) return `'${value}'`;
  const escaped = value.replace(/["\\$`]/g, String.raw`\$&`).replaceAll("\n", String.raw`\n`);
  return `"${escaped.replaceAll("\r", String.raw`\r`)}"`;
}
