// Child processes of the benchmark: started until they are ready, stopped politely, never left behind.
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */

const READY_MS = 20_000;
const STOP_MS = 20_000;

/** @type {Set<ChildProcess>} */
const alive = new Set();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"]))
  process.on(signal, () => process.exit(130));

/**
 * Forks a module of ours; its first message says that it is ready.
 * @param {string} module path relative to this file
 * @param {string[]} args
 * @param {string} folder takes what it writes on stderr
 * @param {Record<string, string>} [environment] added to the plain one
 * @returns {Promise<{ child: ChildProcess, ready: any }>}
 */
export async function forkUntilReady(module, args, folder, environment = {}) {
  const errors = openErrors(folder);
  const path = new URL(module, import.meta.url).pathname;
  const env = { ...cleanEnvironment(), ...environment };
  const child = fork(path, args, { stdio: ["ignore", "ignore", errors.fd, "ipc"], env });
  closeSync(errors.fd);
  watch(child);
  const ready = await readyOr(child, errors.path, (resolve) => child.once("message", resolve));
  return { child, ready };
}

/**
 * Starts a command; the first line on its stdout says that it is ready. Later lines go to `onLine`.
 * @param {string} command
 * @param {string[]} args
 * @param {string} folder takes what it writes on stderr
 * @param {(line: string) => void} [onLine]
 * @returns {Promise<{ child: ChildProcess, ready: string }>}
 */
export async function spawnUntilLine(command, args, folder, onLine = () => {}) {
  const errors = openErrors(folder);
  const child = spawn(command, args, { stdio: ["ignore", "pipe", errors.fd], env: cleanEnvironment() });
  closeSync(errors.fd);
  watch(child);
  const lines = createInterface({ input: /** @type {import("node:stream").Readable} */ (child.stdout) });
  const ready = await readyOr(child, errors.path, (resolve) => lines.once("line", resolve));
  lines.on("line", onLine);
  return { child, ready };
}

/**
 * Starts a server that says nothing when it is ready: asks until it does.
 * @param {string} command
 * @param {string[]} args
 * @param {string} folder takes what it writes on stderr
 * @param {() => Promise<boolean>} isReady
 * @returns {Promise<ChildProcess>}
 */
export async function spawnUntil(command, args, folder, isReady) {
  const errors = openErrors(folder);
  const child = spawn(command, args, { stdio: ["ignore", "ignore", errors.fd], env: cleanEnvironment() });
  closeSync(errors.fd);
  watch(child);
  await readyOr(child, errors.path, async (resolve) => {
    while (child.exitCode === null && !(await isReady())) await new Promise((again) => setTimeout(again, 50));
    resolve(true);
  });
  return child;
}

/**
 * Asks a process to stop and waits until it has.
 * @param {ChildProcess} child
 */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await exited;
  clearTimeout(timer);
}

/** @param {ChildProcess} child */
function watch(child) {
  alive.add(child);
  child.once("exit", () => alive.delete(child));
}

/** @param {string} folder */
function openErrors(folder) {
  const path = join(folder, "stderr.log");
  return { path, fd: openSync(path, "a") };
}

/** Nothing of the caller's environment may send the benchmark's own traffic elsewhere or slow Node down. */
function cleanEnvironment() {
  const { PATH = "", HOME = "", TMPDIR = "/tmp" } = process.env;
  return { PATH, HOME, TMPDIR };
}

/**
 * @template T
 * @param {ChildProcess} child
 * @param {string} errorFile
 * @param {(resolve: (value: T) => void) => void} begin
 * @returns {Promise<T>}
 */
function readyOr(child, errorFile, begin) {
  return new Promise((resolve, reject) => {
    const give = (/** @type {string} */ why) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`${why}: ${readFileSync(errorFile, "utf8").trim().slice(-400)}`));
    };
    const timer = setTimeout(() => give("not ready in time"), READY_MS);
    child.once("error", (error) => give(error.message));
    child.once("exit", (code, signal) => give(`ended with ${code ?? signal} before it was ready`));
    begin((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
