// Run before the tests: installs the Debian packages that they talk to, where that is possible, and otherwise says which
// line would. The tests themselves then fail or skip with the name of what is missing.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Program or file to look for, and the package that has it. */
const TOOLS = [
  ["curl", "curl"],
  ["openssl", "openssl"],
  ["python3", "python3"],
  ["git", "git"],
  ["wget", "wget"],
  ["h2load", "nghttp2-client"],
  ["keytool", "default-jdk-headless"],
  ["chromium", "chromium"],
];

const missing = TOOLS.filter(([program]) => !onPath(program)).map(([, name]) => name);
if (missing.length > 0) install(missing);

function install(packages) {
  const line = `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  const mayInstall = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (!mayInstall) {
    process.stderr.write(`Some tests need programs that are not here. On Debian: sudo ${line}\n`);
    return;
  }
  process.stderr.write(`Installing what the tests talk to: ${packages.join(", ")}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const command of ["apt-get update -qq", line.replace("install", "install -qq")]) {
    const [file, ...args] = command.split(" ");
    const result = spawnSync(file, args, { env, stdio: ["ignore", "ignore", "inherit"] });
    if (result.status !== 0) {
      process.stderr.write(`'${command}' failed; the tests that need these programs will say so.\n`);
      return;
    }
  }
}

function onPath(program) {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(`${folder}/${program}`));
}
