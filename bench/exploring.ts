/**
 * Design-space search with ResNet-50 inference on one core:
 *   node dist/bench/bench/exploring.js [ROUNDS]
 * The closed form on hardware points that were never seen before (tiling included), beside the same layer by layer
 * without leaving identical layers out; and all points up to the 64×64 budget, from nothing.
 */
import { closedForm } from '../src/model/analytical/closedForm.ts';
import { programClosedForm } from '../src/model/analytical/programClosedForm.ts';
import type { Hardware } from '../src/model/schemas/hardware.ts';
import { distinctOperations, tileDistinct } from '../src/model/tiling/distinctOperations.ts';
import { tileProgram } from '../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../src/model/workload/forward.ts';
import { closedFormCosts } from '../src/studies/sweep/costModels.ts';
import { sumOfCosts } from '../src/studies/sweep/networkCosts.ts';
import { paperLattice } from '../src/studies/sweep/paperLattices.ts';
import { searchExtremes } from '../src/studies/sweep/search.ts';
import { digitsOf, pointsOf, settingAt } from '../src/studies/sweep/space.ts';
import { presetGraph, presetHardware } from './layers.ts';

const ROUNDS = Number(process.argv[2] ?? '11');
const WARM_UP_ROUNDS = 3;
const FRESH_POINTS = 500;
/** What SimDIT's Python took for one hardware point, start-up left out, in a run side by side with this one. */
const SIMDIT_MICROSECONDS = 5_200;

const preset = presetHardware('HI3');
const resnet50 = presetGraph('resnet50');
const program = inferenceProgram(resnet50, 1);
const lattice = () => paperLattice(preset, resnet50, { size: 64, budget: 2048 }, 0);

/** Points spread over the whole lattice, none of them twice. */
function freshPoints(round: number): Hardware[] {
  const { space } = lattice();
  const digits = new Int32Array(space.axes.length);
  const points: Hardware[] = [];
  let place = 0;
  for (const index of pointsOf(space, digits)) {
    if (index === undefined) continue;
    if (place++ % 3000 === round) points.push(settingAt(space, digitsOf(space.axes, index)).hardware);
    if (points.length === FRESH_POINTS) break;
  }
  return points;
}

const { list: operations } = distinctOperations(program);
const costsOf = closedFormCosts('published');

const distinctLayers = (hardware: Hardware): number =>
  sumOfCosts(tileDistinct(operations, hardware, program.file), costsOf(hardware)).cycles;

const allColumns = (hardware: Hardware): number =>
  programClosedForm(program, hardware, 'published').reduce((cycles, result) => cycles + result.totalCycles, 0);

const eachByItself = (hardware: Hardware): number =>
  tileProgram(program, hardware).reduce(
    (cycles, layer) => cycles + closedForm(layer, hardware, 'published').totalCycles,
    0,
  );

/** Milliseconds and what was computed. */
function timed<Value>(work: () => Value): [number, Value] {
  const start = performance.now();
  const value = work();
  return [performance.now() - start, value];
}

const sorted = (values: number[]): number[] => [...values].sort((a, b) => a - b);
const median = (values: number[]): number => sorted(values)[values.length >> 1]!;
const line = (name: string, values: number[], unit: string): string =>
  `  ${name.padEnd(46)} median ${median(values).toFixed(2)} ${unit}, minimum ${sorted(values)[0]!.toFixed(2)}`;

const timesAsLong = (microseconds: number[]): number => Math.round(SIMDIT_MICROSECONDS / median(microseconds));

const once: number[] = [];
const everyColumn: number[] = [];
const everyLayer: number[] = [];
const searches: number[] = [];
let covered = '';
for (let round = 0; round < ROUNDS + WARM_UP_ROUNDS; round++) {
  const points = freshPoints(round);
  const sum = (price: (hardware: Hardware) => number): number =>
    points.reduce((cycles, point) => cycles + price(point), 0);
  const [onceTime, cycles] = timed(() => sum(distinctLayers));
  const [columnsTime, sameInAll] = timed(() => sum(allColumns));
  const [everyTime, same] = timed(() => sum(eachByItself));
  if (sameInAll !== same || Math.abs(cycles / same - 1) > 1e-12) throw new Error('two evaluations differ');
  const [searchTime, found] = timed(() => {
    const { space, costs } = lattice();
    const search = searchExtremes(space, costs);
    for (let step = search.next(); ; step = search.next()) if (step.done === true) return step.value;
  });
  const { pointsCovered, evaluations } = found.coverage;
  covered = `${pointsCovered} points, ${evaluations} evaluations, best ${found.best!.cycles} cycles`;
  if (round < WARM_UP_ROUNDS) continue;
  once.push((onceTime * 1000) / points.length);
  everyColumn.push((columnsTime * 1000) / points.length);
  everyLayer.push((everyTime * 1000) / points.length);
  searches.push(searchTime);
}
console.log(
  [
    `ResNet-50 inference by the closed form, ${FRESH_POINTS} fresh hardware points a round:`,
    line('cycles, identical layers once', once, 'µs a point'),
    line('all columns of all layers', everyColumn, 'µs a point'),
    line('the same, each layer by itself', everyLayer, 'µs a point'),
    `  SimDIT's ${SIMDIT_MICROSECONDS / 1000} ms a point are ${timesAsLong(once)} times as long as the first, ${timesAsLong(everyColumn)} times as long as the second`,
    `All points up to the 64×64 budget (${covered}):`,
    line('search from nothing, one core', searches, 'ms'),
  ].join('\n'),
);
