/** Results as JSON, as all commands print them. */
import { jsonPieces } from '../../views/report/jsonPieces.ts';
import { VERSION } from './version.ts';

/** A result with the version that made it. */
export function versioned<Report extends object>(report: Report): { readonly version: string } & Report {
  return { version: VERSION, ...report };
}

/** A result as JSON in pieces, the version that made it first. */
export function jsonResult(report: object): Iterable<string> {
  return jsonPieces(versioned(report));
}
