// What a browser gets from the proxy itself: a page that says what this is, and the certificate to trust.
import type { CertificateAuthority } from "../proxy/authority.js";
import type { LandingResponse } from "../proxy/hooks.js";

/** @returns undefined for a path that is nothing. */
export function landingPage(
  target: string,
  authority: CertificateAuthority,
  session: string,
): LandingResponse | undefined {
  const path = target.split("?", 1)[0];
  switch (path) {
    case "/":
      return { contentType: "text/html; charset=utf-8", body: Buffer.from(page(authority, session)) };
    case "/ca.pem":
      return {
        contentType: "application/x-pem-file",
        body: Buffer.from(authority.certPem),
        fileName: "trafficctl-ca.pem",
      };
    case "/ca.crt":
    case "/ca.der":
      return {
        contentType: "application/x-x509-ca-cert",
        body: authority.der(),
        fileName: "trafficctl-ca.crt",
      };
    default:
      return undefined;
  }
}

function page(authority: CertificateAuthority, session: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>trafficctl</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; color: #1d2330; background: #fff; }
  code, pre { font: 14px/1.5 ui-monospace, monospace; background: #f1f3f7; border-radius: 4px; }
  code { padding: .1em .3em; overflow-wrap: anywhere; } pre { padding: .8em 1em; overflow-x: auto; }
  a.button { display: inline-block; padding: .5em 1em; background: #2457d6; color: #fff; border-radius: 6px; text-decoration: none; }
  @media (prefers-color-scheme: dark) { body { color: #e4e7ee; background: #14171f; } code, pre { background: #232835; } a { color: #8fb0ff; } }
</style>
<h1>trafficctl is recording here</h1>
<p>This is a proxy. Programs that use it have their HTTP and HTTPS traffic recorded on this machine,
in the session <code>${escapeHtml(session)}</code>.</p>
<h2>Trust its certificate</h2>
<p>To read HTTPS, trafficctl signs a certificate for each host with an authority of its own, made on this machine
and unique to its user. A client has to trust it. Remove it again when you are done.</p>
<p><a class="button" href="/ca.pem">Download ca.pem</a> &nbsp; <a href="/ca.crt">ca.crt (DER)</a></p>
<p>SHA-256 fingerprint:<br><code>${escapeHtml(authority.fingerprint256)}</code></p>
<ul>
  <li><b>The whole system:</b> <code>trafficctl ca install</code>, and <code>trafficctl ca uninstall</code> to undo it.</li>
  <li><b>One terminal:</b> <code>eval "$(trafficctl env)"</code>.</li>
  <li><b>One command, nothing to trust:</b> <code>trafficctl record -- COMMAND</code>.</li>
  <li><b>Firefox:</b> Settings, Privacy &amp; Security, View Certificates, Authorities, Import.</li>
  <li><b>Chrome, Edge:</b> Settings, Privacy and security, Security, Manage certificates, Import.</li>
</ul>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
