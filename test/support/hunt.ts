/** Hunts in this thread, and formulas with errors planted in them. */
import { readFileSync } from 'node:fs';
import type { Formula } from '../../src/model/formulas/formula.ts';
import { parseFormula } from '../../src/model/formulas/parseFormula.ts';
import { PAPER } from '../../src/model/schedule/assumptions.ts';
import { parseHuntBounds } from '../../src/studies/hunt/bounds.ts';
import { Hunt, type HuntFindings, type HuntSpec } from '../../src/studies/hunt/hunt.ts';
import type { SearchResult } from '../../src/studies/hunt/search.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** A formula that comes along. */
export function builtIn(name: string): Formula {
  return parseFormula(JSON.parse(read(`hw/formulas/${name}.formula.json`)), name);
}

/** The text of `published` with one piece of it exchanged where it first stands. */
export function plantedText(text: string, becomes: string): string {
  const published = read('hw/formulas/published.formula.json');
  if (!published.includes(text)) throw new Error(`published no longer says ${text}`);
  return published.replace(text, () => becomes);
}

/** That as a formula. */
export function planted(text: string, becomes: string): Formula {
  return parseFormula(JSON.parse(plantedText(text, becomes)), 'planted');
}

/** A bounds file that comes along. */
export function boundsOf(name: string): HuntSpec['bounds'] {
  return parseHuntBounds(JSON.parse(read(`hw/hunts/${name}.json`)), name);
}

/** A hunt under the paper's assumptions that any difference ends; what is not given is as usual. */
export function specOf(given: Partial<HuntSpec>): HuntSpec {
  const bounds = { numbers: {}, where: {} };
  return {
    column: 'cycles',
    assumptions: PAPER,
    tolerance: 0,
    side: 'either',
    seed: '1',
    cases: 1000,
    bounds,
    ...given,
  };
}

/** What a hunt finds, its searches run in the order of `places`. */
export function findingsOf(formula: Formula, spec: HuntSpec, reversed = false): HuntFindings {
  const hunt = new Hunt(formula, spec);
  const results: SearchResult[] = [];
  for (let search = 0; search < hunt.searches; search++) {
    const place = reversed ? hunt.searches - 1 - search : search;
    results[place] = hunt.search(place);
  }
  const findings = hunt.findings(results);
  for (let step = findings.next(); ; step = findings.next()) if (step.done === true) return step.value;
}
