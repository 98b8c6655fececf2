// The proxies, in the order of the table.
import { direct } from "./direct.mjs";
import { httpMitmProxy } from "./http-mitm-proxy.mjs";
import { mitmproxy } from "./mitmproxy.mjs";
import { mockttp } from "./mockttp.mjs";
import { nginx } from "./nginx.mjs";
import { trafficctl } from "./trafficctl.mjs";

/** @type {readonly import("./adapter.mjs").Adapter[]} */
export const ADAPTERS = [trafficctl, httpMitmProxy, mockttp, mitmproxy, nginx, direct];
