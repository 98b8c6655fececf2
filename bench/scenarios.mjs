// What is measured: the scenarios, each a job for the load generator.
import { MIB } from "./payload.mjs";

const DOWNLOAD = 512 * MIB;
const WARM_DOWNLOAD = 32 * MIB;

/**
 * @typedef {object} Scenario
 * @property {string} id
 * @property {string} title
 * @property {import("./load.mjs").Job} job
 * @property {"request" | "GB"} per what CPU time is divided by
 * @property {"cpu" | "p50"} main the metric of the ratio column
 * @property {readonly string[]} [only] proxies; all where it is absent
 * @property {1} [rounds] where one is enough
 */

/** @type {readonly Scenario[]} */
export const SCENARIOS = [
  {
    id: "kept-alive",
    title: "1 KB over kept-alive HTTPS, 16 connections",
    job: {
      kind: "kept-alive",
      connections: 16,
      ...fixed(1024),
      requests: 10_000,
      warmUp: warmUp(1024, 3_000),
    },
    per: "request",
    main: "cpu",
  },
  {
    id: "http2",
    title: "1 KB over HTTP/2, 100 streams on one connection",
    job: { kind: "http2", connections: 100, ...fixed(1024), requests: 10_000, warmUp: warmUp(1024, 3_000) },
    per: "request",
    main: "cpu",
    only: ["trafficctl", "mockttp", "direct"],
  },
  {
    id: "latency",
    title: "1 KB over kept-alive HTTPS, one request at a time",
    job: { kind: "kept-alive", connections: 1, ...fixed(1024), requests: 1_500, warmUp: warmUp(1024, 1_000) },
    per: "request",
    main: "p50",
  },
  {
    id: "new-connection",
    title: "1 KB, a new TLS connection for every request, 16 at a time",
    job: {
      kind: "new-connection",
      connections: 16,
      ...fixed(1024),
      requests: 800,
      warmUp: warmUp(1024, 300),
    },
    per: "request",
    main: "cpu",
  },
  {
    id: "new-connection-close",
    title: "the same, each request saying `Connection: close`",
    job: {
      kind: "new-connection",
      connections: 16,
      ...fixed(1024),
      requests: 800,
      warmUp: warmUp(1024, 300),
      connectionClose: true,
    },
    per: "request",
    main: "cpu",
  },
  {
    id: "new-host",
    title: "1 KB from 50 hosts never seen before, one after the other, until the first byte",
    job: { kind: "new-host", connections: 1, ...fixed(1024), requests: 50, warmUp: warmUp(1024, 5) },
    per: "request",
    main: "p50",
  },
  {
    id: "100kb",
    title: "100 KB over kept-alive HTTPS, 16 connections",
    job: {
      kind: "kept-alive",
      connections: 16,
      ...fixed(102_400),
      requests: 2_000,
      warmUp: warmUp(102_400, 600),
    },
    per: "request",
    main: "cpu",
  },
  {
    id: "download",
    title: "one download of 512 MB",
    job: {
      kind: "kept-alive",
      connections: 1,
      path: `/stream/${DOWNLOAD}`,
      bytes: DOWNLOAD,
      requests: 1,
      warmUp: { requests: 2, path: `/stream/${WARM_DOWNLOAD}`, bytes: WARM_DOWNLOAD },
    },
    per: "GB",
    main: "cpu",
  },
  {
    id: "100000",
    title: "100,000 exchanges of 1 KB, 16 connections",
    job: {
      kind: "kept-alive",
      connections: 16,
      ...fixed(1024),
      requests: 100_000,
      warmUp: warmUp(1024, 16),
      progressEvery: 10_000,
    },
    per: "request",
    main: "cpu",
    only: ["trafficctl"],
    rounds: 1,
  },
];

/** @param {number} bytes */
function fixed(bytes) {
  return { path: `/bytes/${bytes}`, bytes };
}

/**
 * @param {number} bytes
 * @param {number} requests
 */
function warmUp(bytes, requests) {
  return { ...fixed(bytes), requests };
}
