// pagexray comes without types; this is what the tests read of it.
declare module "pagexray" {
  interface PageXray {
    readonly url: string;
    readonly requests: number;
    readonly cookieNames: readonly string[];
    readonly contentTypes: Readonly<Record<string, { readonly requests: number }>>;
  }
  export function convert(har: unknown): PageXray[];
}
