// --fail-open: hosts whose clients refused our certificate. Their TLS passes undecrypted for the rest of the recording,
// so that a program with pinned certificates works at its second attempt.

/** More than a browser's day of hosts; beyond it the oldest is forgotten and looked into again. */
const MAX_HOSTS = 1_000;

export class FailOpenHosts {
  readonly #hosts = new Set<string>();

  /** @returns whether it is new */
  add(host: string): boolean {
    const key = host.toLowerCase();
    if (this.#hosts.has(key)) return false;
    this.#hosts.add(key);
    if (this.#hosts.size > MAX_HOSTS) {
      const [oldest] = this.#hosts;
      if (oldest !== undefined) this.#hosts.delete(oldest);
    }
    return true;
  }

  has(host: string): boolean {
    return this.#hosts.has(host.toLowerCase());
  }
}
