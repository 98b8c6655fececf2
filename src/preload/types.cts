// What the files of the preload hand each other. Types only: nothing of this file is loaded.

export interface ProxyAddress {
  readonly host: string;
  readonly port: number;
  /** `Basic ...` where the proxy's URL has a user name. */
  readonly authorization: string | undefined;
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** What a program passed to net.connect or tls.connect; of no type that could be relied on. */
export type Options = Readonly<Record<string, unknown>>;

/** Of net.connect, tls.connect and whatever else of Node is called by way of us. */
export type Method = (this: unknown, ...args: unknown[]) => unknown;
