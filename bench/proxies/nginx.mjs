// nginx from TLS to TLS as a reverse proxy: what terminating and forwarding cost at the least. Records nothing.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { answers, freePort, onPath } from "../ports.mjs";
import { spawnUntil, stop } from "../process.mjs";

/** @type {import("./adapter.mjs").Adapter} */
export const nginx = {
  name: "nginx",
  anyHost: false,
  unavailable: () => (onPath("nginx") ? null : "nginx is not on the PATH"),
  version: () => /[\d.]+/.exec(execFileSync("sh", ["-c", "nginx -v 2>&1"], { encoding: "utf8" }))?.[0] ?? "?",
  start: async ({ folder, origin }) => {
    const port = await freePort();
    const file = join(folder, "nginx.conf");
    writeFileSync(file, configuration(folder, port, origin));
    const child = await spawnUntil("nginx", ["-p", folder, "-c", file], folder, () => answers(port));
    return {
      pid: /** @type {number} */ (child.pid),
      port,
      tunnel: false,
      ca: origin.certificates.ca,
      stop: () => stop(child),
      recorded: async () => null,
    };
  },
};

/**
 * One worker, as the others have one main thread; the origin's certificate is verified, as theirs do.
 * @param {string} folder
 * @param {number} port
 * @param {import("./adapter.mjs").StartOptions["origin"]} origin
 */
function configuration(folder, port, { port: originPort, certificates }) {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join("\n  ");
  return `daemon off;
worker_processes 1;
pid ${join(folder, "nginx.pid")};
error_log stderr;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporary}
  keepalive_requests 1000000000;
  upstream origin {
    server 127.0.0.1:${originPort};
    keepalive 64;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_protocols TLSv1.3;
    ssl_certificate ${certificates.main.cert};
    ssl_certificate_key ${certificates.main.key};
    location / {
      proxy_pass https://origin;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host localhost;
      proxy_max_temp_file_size 0;
      proxy_ssl_protocols TLSv1.3;
      proxy_ssl_trusted_certificate ${certificates.ca};
      proxy_ssl_verify on;
      proxy_ssl_name localhost;
      proxy_ssl_server_name on;
    }
  }
}
`;
}
