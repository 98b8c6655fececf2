// Debian's Chromium through playwright-core, brought to a proxy and told to trust its authority alone.
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** @param spki the authority's SPKI fingerprint, which stands in for installing its certificate. */
export function launchChromium(proxyUrl: string, spki: string): Promise<Browser> {
  const executablePath = PATHS.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error(
      "Chromium is not installed. On Debian: apt-get install -y --no-install-recommends chromium",
    );
  }
  return chromium.launch({
    executablePath,
    // Chromium leaves localhost out of any proxy unless told otherwise.
    proxy: { server: proxyUrl, bypass: "<-loopback>" },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--ignore-certificate-errors-spki-list=${spki}`,
    ],
  });
}
