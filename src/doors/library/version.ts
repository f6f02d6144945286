/** Which Systole this is. */

/** The version of package.json, which a test holds it to: what runs in a browser has no such file to read. */
export const VERSION = '1.0.0';

/** A result with the version that made it. */
export type Versioned<Result> = { readonly version: string } & Result;

/** Says which version has made a result. */
export function versioned<Result extends object>(result: Result): Versioned<Result> {
  return { version: VERSION, ...result };
}
