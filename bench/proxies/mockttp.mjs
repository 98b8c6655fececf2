// mockttp, the other MITM proxy of Node.
import { nodeServer } from "./node-server.mjs";

export const mockttp = nodeServer("mockttp");
