// Names that a person may have meant, for the command line: commands as well as sessions.
export { nearNames } from "../session/near-names.js";
