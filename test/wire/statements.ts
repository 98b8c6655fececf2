// What wire tests outside the tables of cases show, by topic.
import type { Statement } from "./statement.js";

export interface StatementTopic {
  readonly topic: string;
  readonly statements: readonly Statement[];
}

const GATEWAY = "answered by trafficctl, with the reason and a Proxy-Status header (RFC 9209)";

export const STATEMENTS: readonly StatementTopic[] = [
  {
    topic: "CONNECT",
    statements: [
      { id: "connect-ipv6", shows: "CONNECT to an IPv6 literal, with plain HTTP and with TLS" },
      {
        id: "connect-no-sni",
        shows:
          "TLS without a server name gets a certificate for the CONNECT host, and reaches the origin without one",
      },
      {
        id: "connect-other-sni",
        shows: "a server name other than the CONNECT host reaches the origin, and is what is verified",
      },
      {
        id: "connect-one-packet",
        shows: "bytes right behind CONNECT in the same packet: plain HTTP, TLS, another protocol",
      },
      { id: "connect-drip", shows: "CONNECT and what follows, one byte at a time: plain HTTP, TLS" },
      { id: "connect-malformed", shows: "a malformed authority", outcome: "refused with 400" },
      { id: "connect-in-connect", shows: "CONNECT inside a CONNECT", outcome: "refused with 501" },
      {
        id: "connect-other-protocol",
        shows: "a protocol that is not HTTP passes byte for byte, with the half-closes of both sides",
      },
      { id: "connect-server-first", shows: "a protocol whose server speaks first" },
      { id: "connect-1.0", shows: "CONNECT in HTTP/1.0, without a Host" },
      {
        id: "connect-silent",
        shows:
          "a client that says nothing at first: the origin is connected to, and again if it gives up before the client speaks",
      },
      { id: "connect-reset-by-origin", shows: "an origin's reset of a tunnel reaches the client as a reset" },
      { id: "connect-reset-by-client", shows: "a client's reset of a tunnel reaches the origin as a reset" },
    ],
  },
  {
    topic: "Connections",
    statements: [
      { id: "300-at-once", shows: "300 requests at once on connections of their own" },
      {
        id: "100-hosts",
        shows: "100 hosts that were never seen before, at once: each with a certificate of its own name",
      },
      {
        id: "pool-reuse",
        shows: "clients' connections share pooled connections to the origin",
        outcome: "the origin sees fewer connections than there are clients",
      },
      {
        id: "pool-died-unused",
        shows:
          "a pooled connection that the origin ended while it waited is not used: a POST goes to a fresh one",
      },
      {
        id: "pool-died-with-request",
        shows: "a pooled connection that dies with a request: the request is not sent again",
        outcome: `502, ${GATEWAY}`,
      },
      {
        id: "pool-ntlm",
        shows: "a connection that one client has authenticated (NTLM, Negotiate) never serves another client",
      },
      { id: "pool-unasked-bytes", shows: "what an origin sends on a waiting connection answers nobody" },
      { id: "pool-after-cut", shows: "a connection whose client left in mid-answer serves nobody else" },
      {
        id: "pipelined-1mb",
        shows: "a client that pipelines 1 MB of requests before it reads: every answer, in order",
      },
      {
        id: "interim-flood",
        shows: "of interim responses without end, each passes and a bounded number is recorded",
      },
      { id: "slow-reader", shows: "a client that takes long to read its last response still gets all of it" },
      {
        id: "silence",
        shows: "an origin that stays silent for longer than --timeout",
        outcome: `504, ${GATEWAY}`,
      },
      { id: "refused", shows: "an origin that refuses connections", outcome: `502, ${GATEWAY}` },
      { id: "dns-failure", shows: "a name that does not exist", outcome: `502, ${GATEWAY}` },
      {
        id: "loop",
        shows: "the proxy asked to fetch from itself ends after a hop, however it is nested",
        outcome: "its own page, or 502 with proxy_loop_detected",
      },
      {
        id: "slow-head",
        shows: "a client that never finishes a head holds one connection, at most 256 KB, for 60 s",
        outcome: "then it is answered with 408",
      },
    ],
  },
  {
    topic: "Flow",
    statements: [
      {
        id: "early-while-uploading",
        shows: "an answer that ends the connection reaches a client that goes on sending 32 MB",
        outcome: "what it still sends is read and dropped",
      },
      { id: "64mb-down", shows: "64 MB down, byte-identical, and recorded so" },
      { id: "64mb-up", shows: "64 MB up, byte-identical, and recorded so" },
      { id: "reader-stops-down", shows: "a client that stops reading stops the origin" },
      { id: "reader-stops-up", shows: "an origin that stops reading stops the client" },
    ],
  },
  {
    topic: "HTTP/2: much at once",
    statements: [
      {
        id: "h2-64mb",
        shows:
          "64 MB up and down at once over HTTP/2, 16 MB where one side speaks HTTP/1, byte-identical and recorded so",
      },
      {
        id: "h2-reader-stops-down",
        shows: "a client that stops reading a stream stops the origin: h2, h2-h1, h1-h2",
      },
      {
        id: "h2-reader-stops-up",
        shows: "an origin that stops reading a stream stops the client: h2, h2-h1, h1-h2",
      },
      {
        id: "h2-100-streams",
        shows: "100 streams at once, with bodies both ways, on one connection to the origin",
      },
      {
        id: "h2-slow-stream",
        shows: "a stream that nobody reads does not hold up the others of its connection",
      },
      {
        id: "h2-rapid-reset",
        shows: "streams that are opened and reset without end (CVE-2023-44487)",
        outcome: "the client's connection ends with ENHANCE_YOUR_CALM after some thousand; others are served",
      },
      {
        id: "h1-h2-client-closes",
        shows:
          "an HTTP/1 client that closes its connection: the stream at an origin of HTTP/2 that is silent is reset at once",
      },
      {
        id: "h2-probe-serves",
        shows:
          "the connection that was made to ask what an origin speaks serves the first request, however old trafficctl is",
      },
    ],
  },
  {
    topic: "WebSocket: peers and memory",
    statements: [
      {
        id: "ws-deflate-peers",
        shows:
          "ws on both sides with permessage-deflate: context or none, window sizes, a threshold; messages recorded decompressed",
      },
      {
        id: "ws-100mb",
        shows: "100 MB of messages each way, of 64 KB and of 16 MB, compressed and not, in bounded memory",
      },
    ],
  },
  {
    topic: "Real clients",
    statements: [
      {
        id: "curl",
        shows:
          "curl: --http1.0, -T with and without a length, Expect, --compressed, ranges, HEAD, -X, --proxytunnel",
      },
      { id: "python", shows: "Python: http.client through CONNECT, urllib through the environment" },
      {
        id: "node-agent",
        shows: "Node: an Agent with keepAlive uses one connection to trafficctl for all requests",
      },
      { id: "ws", shows: "the ws package: messages both ways, close code and reason, over TLS" },
    ],
  },
];
