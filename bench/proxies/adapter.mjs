// What the benchmark needs to know of a proxy.

/**
 * @typedef {object} Recorded what is on disk after the proxy has stopped
 * @property {number} exchanges
 * @property {number} bodyBytes of the responses
 * @property {boolean} streamIntact whether every body of /stream/N is there byte for byte
 *
 * @typedef {object} Running
 * @property {number} pid the process whose cost is measured, with its descendants
 * @property {number | null} port null where the origin itself is dialled
 * @property {boolean} tunnel whether it is asked with CONNECT
 * @property {string} ca PEM file of the CA that its certificates come from
 * @property {() => Promise<void>} stop with everything written
 * @property {() => Promise<Recorded | null>} recorded after stop(); null where it does not record
 *
 * @typedef {object} StartOptions
 * @property {string} folder empty, its own
 * @property {string} originCa PEM file
 * @property {{ port: number, certificates: import("../certificates.mjs").OriginCertificates }} origin
 *
 * @typedef {object} Adapter
 * @property {string} name
 * @property {boolean} anyHost whether it leads to whatever host is asked for
 * @property {() => string | null} unavailable why it can't be measured here, or null
 * @property {() => string} version
 * @property {(options: StartOptions) => Promise<Running>} start
 */

export {};
