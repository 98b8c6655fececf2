// HTTP/2 connections to origins, by key: exchanges share them, stream by stream.
import { Http2OriginConnection, type Http2OriginOwner } from "./origin-connection.js";

/** Connections without a stream are ended after this. */
const IDLE_TIMEOUT_MS = 30_000;

export class Http2Pool implements Http2OriginOwner {
  readonly #connections = new Map<string, Http2OriginConnection[]>();
  readonly #keys = new Map<Http2OriginConnection, string>();
  readonly #onSettings: (key: string, connection: Http2OriginConnection) => void;

  /** @param onSettings told of each connection whose origin's SETTINGS came */
  constructor(onSettings: (key: string, connection: Http2OriginConnection) => void) {
    this.#onSettings = onSettings;
  }

  /** @param options what the connection is made of, without its owner, which is this pool */
  add(
    key: string,
    options: Omit<ConstructorParameters<typeof Http2OriginConnection>[0], "owner">,
  ): Http2OriginConnection {
    const connection = new Http2OriginConnection({ ...options, owner: this });
    this.#keys.set(connection, key);
    this.#connections.set(key, [...(this.#connections.get(key) ?? []), connection]);
    return connection;
  }

  /** @returns a connection that takes another stream */
  find(key: string): Http2OriginConnection | undefined {
    return this.#connections.get(key)?.find((connection) => connection.canOpen);
  }

  /** It takes no more streams; those that it has go on. */
  gone(connection: Http2OriginConnection): void {
    const key = this.#keys.get(connection);
    if (key === undefined) return;
    this.#keys.delete(connection);
    const left = (this.#connections.get(key) ?? []).filter((each) => each !== connection);
    if (left.length > 0) this.#connections.set(key, left);
    else this.#connections.delete(key);
  }

  settingsCame(connection: Http2OriginConnection): void {
    const key = this.#keys.get(connection);
    if (key !== undefined) this.#onSettings(key, connection);
  }

  /** Ends what has waited too long. @returns whether any connection is left. */
  reap(now: number): boolean {
    for (const connection of [...this.#keys.keys()]) {
      if (!connection.isIdle || connection.idleSince > now - IDLE_TIMEOUT_MS) continue;
      this.gone(connection);
      connection.close();
    }
    return this.#keys.size > 0;
  }

  destroy(): void {
    for (const connection of [...this.#keys.keys()]) connection.destroy();
  }
}
