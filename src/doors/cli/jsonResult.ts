/** Results as JSON, as all commands print them. */
import { jsonPieces } from '../../views/report/jsonPieces.ts';
import { versioned } from '../library/version.ts';

/** A result as JSON in pieces, the version that made it first. */
export function jsonResult(report: object): Iterable<string> {
  return jsonPieces(versioned(report));
}
