// The part of har-validator that is used; it comes without types.
declare module "har-validator" {
  /** @returns rejects with an error whose `errors` are ajv's. */
  type Validate = (value: unknown) => Promise<unknown>;
  export const entry: Validate;
  export const page: Validate;
  export const creator: Validate;
  export const browser: Validate;
}
