// The preload as it is shipped: compiled by tsc, since a process that loads it knows no TypeScript.
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");

/** Compiles src/preload into `folder`. @returns the path of the file for `--require` */
export function compilePreload(folder: string): string {
  const options = [
    "--ignoreConfig",
    "--module",
    "nodenext",
    "--target",
    "es2023",
    "--types",
    "node",
    "--skipLibCheck",
  ];
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  execFileSync(
    process.execPath,
    [tsc, ...options, "--outDir", folder, join(ROOT, "src", "preload", "node-proxy.cts")],
    { stdio: "pipe" },
  );
  return join(folder, "node-proxy.cjs");
}
