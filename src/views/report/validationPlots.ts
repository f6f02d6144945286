/** Plots of a formula on trial. They draw into a document that the caller brings: a page's, or one without a page. */
import * as Plot from '@observablehq/plot';
import { relativeError } from '../../studies/check/errorStatistics.ts';
import type { FormulaValidation } from '../../studies/check/validation.ts';
import type { ValidationCase } from '../../studies/check/validationCase.ts';

type PlotDocument = NonNullable<Plot.PlotOptions['document']>;
type Drawing = ReturnType<typeof Plot.plot>;

const LOOK = {
  width: 760,
  marginLeft: 160,
  marginTop: 40,
  marginBottom: 45,
  style: { background: 'white', color: 'black', fontSize: '12px' },
} as const;

/** Marks that a viewer still draws with ease. */
const MOST_MARKS = 5000;

/** So many of the cases that are there, spread evenly. */
function spread(cases: readonly ValidationCase[]): readonly ValidationCase[] {
  const every = Math.ceil(cases.length / MOST_MARKS);
  return every <= 1 ? cases : cases.filter((_, place) => place % every === 0);
}

function captionOf({ estimator, cases }: FormulaValidation, shown: readonly ValidationCase[]): string {
  const layers = `${shown.length === cases.length ? '' : `${shown.length} of `}${cases.length} layers`;
  return `${estimator.name}: ${layers}`;
}

const ARRAYS = { domain: ['SA', 'SIMD'], range: ['#4e79a7', '#f28e2c'], legend: false } as const;

/** Cycles by the formula over those of the machine, both in powers of ten; on the line it is right. */
export function parityPlot(validation: FormulaValidation, document: PlotDocument): Drawing {
  const shown = spread(validation.cases).filter(({ predicted, simulated }) => predicted > 0 && simulated > 0);
  const all = shown.flatMap(({ predicted, simulated }) => [predicted, simulated]);
  const ends = [all.reduce((a, b) => Math.min(a, b), Infinity), all.reduce((a, b) => Math.max(a, b), 1)];
  const [least, most] = all.length === 0 ? [1, 10] : (ends as [number, number]);
  return Plot.plot({
    ...LOOK,
    marginLeft: 70,
    height: 560,
    document,
    x: {
      type: 'log',
      domain: [least, most],
      nice: true,
      label: 'cycles of the machine',
      labelAnchor: 'center',
      grid: true,
    },
    y: { type: 'log', domain: [least, most], nice: true, label: 'cycles by the formula', grid: true },
    color: ARRAYS,
    marks: [
      Plot.line(
        [
          [least, least],
          [most, most],
        ] as [number, number][],
        { stroke: '#e15759', strokeDasharray: '3,3' },
      ),
      Plot.dot(shown, {
        x: 'simulated',
        y: 'predicted',
        fill: ({ layer }: ValidationCase) => layer.unit,
        fillOpacity: 0.5,
        r: 2.5,
      }),
      Plot.text([`${captionOf(validation, shown)} (blue: systolic array, orange: SIMD array)`], {
        frameAnchor: 'top-right',
        dy: -28,
      }),
    ],
  });
}

/** Errors in percent, a row per operation, a mark per layer. */
export function errorPlot(validation: FormulaValidation, document: PlotDocument): Drawing {
  const shown = spread(validation.cases);
  const operations = [...new Set(validation.cases.map(({ op }) => op))];
  return Plot.plot({
    ...LOOK,
    height: 90 + 22 * operations.length,
    document,
    x: { label: 'error of the formula, %', labelAnchor: 'center', grid: true, nice: true },
    y: { label: null, domain: operations },
    color: ARRAYS,
    marks: [
      Plot.ruleX([0], { stroke: '#e15759' }),
      Plot.tickX(shown, {
        x: (each: ValidationCase) => 100 * (relativeError(each) ?? 1),
        y: 'op',
        stroke: ({ layer }: ValidationCase) => layer.unit,
        strokeOpacity: 0.5,
      }),
      Plot.text([captionOf(validation, shown)], { frameAnchor: 'top-left', dy: -28 }),
    ],
  });
}
