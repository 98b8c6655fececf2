// No proxy: the latency that the others add to.

/** @type {import("./adapter.mjs").Adapter} */
export const direct = {
  name: "direct",
  anyHost: true,
  unavailable: () => null,
  version: () => "no proxy",
  start: async ({ origin }) => ({
    pid: process.pid,
    port: null,
    tunnel: false,
    ca: origin.certificates.ca,
    stop: async () => {},
    recorded: async () => null,
  }),
};
