// The messages of one WebSocket, as an intervention lets them pass: kept, replaced, dropped, joined by some of its own.
import type { WebSocketData, WebSocketIntervention } from "../intervention.js";
import { EditedDirection } from "./edited-direction.js";

/** Where frames go that nothing coming from the other side takes along. */
export interface EditorEnds {
  toClient(bytes: Buffer): void;
  toOrigin(bytes: Buffer): void;
  /** What came is no WebSocket, or looking at it failed: the connection can't go on. */
  fail(message: string): void;
}

export class WebSocketEditor {
  readonly #intervention: WebSocketIntervention;
  readonly #client: EditedDirection;
  readonly #server: EditedDirection;
  #ends: EditorEnds | undefined;

  constructor(intervention: WebSocketIntervention) {
    this.#intervention = intervention;
    const inject = (message: WebSocketData): void => {
      this.#inject(message);
    };
    const onFault = (message: string): void => this.#ends?.fail(message);
    this.#client = new EditedDirection({ direction: "send", intervention, inject, onFault });
    this.#server = new EditedDirection({ direction: "receive", intervention, inject, onFault });
  }

  open(ends: EditorEnds): void {
    this.#ends = ends;
    this.#guard(() => this.#intervention.opened?.((message) => this.#inject(message)));
  }

  /** @returns what goes to the origin instead of what came from the client */
  fromClient(chunk: Buffer): Buffer {
    return this.#guard(() => this.#client.push(chunk)) ?? NOTHING;
  }

  /** @returns what goes to the client instead of what came from the origin */
  fromOrigin(chunk: Buffer): Buffer {
    return this.#guard(() => this.#server.push(chunk)) ?? NOTHING;
  }

  close(): void {
    this.#ends = undefined;
    this.#client.close();
    this.#server.close();
  }

  #inject(message: WebSocketData): boolean {
    const ends = this.#ends;
    if (ends === undefined) return false;
    const toOrigin = message.direction === "send";
    const bytes = (toOrigin ? this.#client : this.#server).inject(message);
    if (bytes === undefined) return false;
    if (bytes.length > 0) (toOrigin ? ends.toOrigin : ends.toClient)(bytes);
    return true;
  }

  /** What an intervention throws costs its connection, not the proxy. */
  #guard<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      this.#ends?.fail(`a rule failed: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }
}

const NOTHING = Buffer.alloc(0);
