// Pins what `proxy/engine` relies on in http-mitm-proxy, and the behaviour that its overrides are there for: when one of
// these fails after an update of the library, the override has to be looked at again.
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Proxy as MitmProxy } from "http-mitm-proxy";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Engine } from "../../src/proxy/engine.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "engine-base-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the library", () => {
  test("listen makes an authority of its own, its key readable by others", async () => {
    const proxy = new MitmProxy();
    await new Promise<void>((resolve, reject) => {
      proxy.listen({ port: 0, host: "127.0.0.1", sslCaDir: folder }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
    const key = await stat(join(folder, "keys", "ca.private.key"));
    proxy.close();
    expect(key.mode & 0o044).not.toBe(0);
  });

  test("an error is written to the console", () => {
    const written = vi.spyOn(console, "error").mockImplementation(() => {});
    new MitmProxy()._onError("KIND", null, new Error("x"));
    expect(written).toHaveBeenCalled();
    written.mockRestore();
  });

  test("an IPv6 authority is split at its first colon", () => {
    expect(MitmProxy.parseHost("[::1]:443", 443)).not.toEqual({ host: "::1", port: 443 });
  });
});

describe("the engine", () => {
  test("is a Proxy, hands connections on untouched and frees its port", async () => {
    const accepted: net.Socket[] = [];
    const engine = new Engine({ host: "127.0.0.1", port: 0, accept: (socket) => accepted.push(socket) });
    expect(engine).toBeInstanceOf(MitmProxy);
    const port = await engine.start();
    const client = net.connect(port, "127.0.0.1");
    client.write("not http at all");
    await once(client, "connect");
    await vi.waitFor(() => expect(accepted).toHaveLength(1));
    expect((await once(accepted[0]!, "data"))[0].toString()).toBe("not http at all");
    client.destroy();
    accepted[0]!.destroy();
    await engine.stop();
    const next = net.createServer().listen(port, "127.0.0.1");
    await once(next, "listening");
    next.close();
  });

  test("tells of a port that is taken", async () => {
    const taken = net.createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const engine = new Engine({ host: "127.0.0.1", port, accept: () => {} });
    await expect(engine.start()).rejects.toMatchObject({ code: "EADDRINUSE" });
    taken.close();
  });

  test("passes errors to the library's hook and to nothing else", () => {
    const written = vi.spyOn(console, "error").mockImplementation(() => {});
    const engine = new Engine({ host: "127.0.0.1", port: 0, accept: () => {} });
    const seen: string[] = [];
    engine.onError((_context, error, kind) => seen.push(`${kind}: ${error?.message}`));
    engine._onError("KIND", null, new Error("x"));
    expect(seen).toEqual(["KIND: x"]);
    expect(written).not.toHaveBeenCalled();
    written.mockRestore();
  });
});
