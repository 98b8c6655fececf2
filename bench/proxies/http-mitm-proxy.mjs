// http-mitm-proxy, the library that trafficctl's engine stands on, on its own data path.
import { nodeServer } from "./node-server.mjs";

export const httpMitmProxy = nodeServer("http-mitm-proxy");
