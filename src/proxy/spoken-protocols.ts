// What each authority spoke last, so that its next client is offered the same.

/** `only-h2`: HTTP/1.1 was refused. */
type Protocol = "h2" | "http/1.1" | "only-h2";

const MAX_REMEMBERED = 10_000;

export class SpokenProtocols {
  readonly #spoken = new Map<string, { readonly protocol: Protocol; readonly extendedConnect: boolean }>();

  get(key: string): Protocol | undefined {
    return this.#spoken.get(key)?.protocol;
  }

  /** Of one that has not spoken HTTP/2 this is false. */
  offersExtendedConnect(key: string): boolean {
    return this.#spoken.get(key)?.extendedConnect ?? false;
  }

  set(key: string, protocol: Protocol): void {
    const extendedConnect = protocol !== "http/1.1" && this.offersExtendedConnect(key);
    this.#spoken.delete(key);
    this.#spoken.set(key, { protocol, extendedConnect });
    if (this.#spoken.size <= MAX_REMEMBERED) return;
    const oldest = this.#spoken.keys().next();
    if (!oldest.done) this.#spoken.delete(oldest.value);
  }

  setExtendedConnect(key: string, extendedConnect: boolean): void {
    const known = this.#spoken.get(key);
    if (known !== undefined) this.#spoken.set(key, { ...known, extendedConnect });
  }
}
