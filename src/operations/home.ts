// Where trafficctl keeps what it makes: the certificate authority and the sessions.
import { homedir } from "node:os";
import { join, resolve } from "node:path";

export interface HomeInput {
  /** `--home`. */
  readonly flag: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** For tests. */
  readonly platform?: NodeJS.Platform;
  readonly userHome?: string;
}

/** @returns an absolute path: `--home`, else TRAFFICCTL_HOME, else the platform's folder for user data. */
export function resolveHome({
  flag,
  env,
  platform = process.platform,
  userHome = homedir(),
}: HomeInput): string {
  const chosen = flag || env.TRAFFICCTL_HOME;
  if (chosen) return resolve(chosen);
  return join(dataFolder(env, platform, userHome), "trafficctl");
}

function dataFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, userHome: string): string {
  if (platform === "darwin") return join(userHome, "Library", "Application Support");
  if (platform === "win32") return env.LOCALAPPDATA || join(userHome, "AppData", "Local");
  // A relative XDG_DATA_HOME is to be ignored (XDG Base Directory Specification).
  const xdg = env.XDG_DATA_HOME;
  return xdg?.startsWith("/") ? xdg : join(userHome, ".local", "share");
}
