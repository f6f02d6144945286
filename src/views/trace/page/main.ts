/** The trace page: reads its data and starts its parts. */
import { RUN_ELEMENTS, SECOND_RUN_ELEMENTS } from '../pageData.ts';
import { startAddress } from './address.ts';
import { secondOnRuler, startBeside } from './beside.ts';
import { readCompared } from './compared.ts';
import { showComparison } from './comparison.ts';
import { readCounters, readData } from './data.ts';
import { showHeading } from './heading.ts';
import { startHelp } from './help.ts';
import { startLaneMenu } from './laneMenu.ts';
import { startLayerTable } from './layerTable.ts';
import { layerAt } from './layerTimes.ts';
import { startMeasurements } from './measurements.ts';
import { startMemoryTable } from './memoryTable.ts';
import { startOverview } from './overviewInput.ts';
import { firstState } from './pageState.ts';
import { listedLayers, listedPlace, rulerEnd } from './pairs.ts';
import { startPathToggle } from './pathToggle.ts';
import { explainMarks, startRoofline } from './roofline.ts';
import type { RulerRun } from './rulerRun.ts';
import { addPaintVariables } from './scheme.ts';
import { startSearch } from './search.ts';
import { startTimeline } from './timelineInput.ts';
import { startTip } from './tip.ts';
import { showVerdict } from './verdict.ts';

const PAUSE_MILLISECONDS = 40;

addPaintVariables();
const data = readData(RUN_ELEMENTS);
const compared = readCompared(data.head);
const listed = listedLayers(data.head, compared);
const state = firstState(rulerEnd(data.cycles, compared, listed));
const first: RulerRun = { data, name: compared === undefined ? '' : 'A', shift: 0 };
const second = compared && secondOnRuler(compared, listed, state);
const runs = second === undefined ? [first] : [first, second];
const { ranges, isAll } = data.recorded;
// The page opens on what was recorded, not on a network that is mostly empty.
if (!isAll && ranges.length > 0) {
  state.view.showRange(ranges[0]!.from, ranges.at(-1)!.to);
  if (second !== undefined) state.aligned.set(layerAt(data.added, ranges[0]!.from));
}

showHeading(data, compared);
startTip();
startHelp();
startAddress(state);
const beside = compared && startBeside(listed, second, state);
const timeline = startTimeline(runs, state, beside);
startLaneMenu(runs, state);
startMeasurements(runs, state);
const show = (place: number): void => {
  const { layer, pair } = listed[place]!;
  // Before the layer is shown: it may be the second run's, whose place on the ruler this changes.
  if (second !== undefined) state.aligned.set(place);
  if (layer !== undefined) timeline.showLayer({ run: first, place });
  else if (second !== undefined) timeline.showLayer({ run: second, place: pair!.b! });
  table.goTo(place);
};
const table = startLayerTable(listed, state, show);
if (compared !== undefined) {
  showComparison(data.cycles, compared, (pair) => show(listed.findIndex((each) => each.pair === pair)));
}
showVerdict('verdict', { ...data.head, name: first.name, cycles: data.cycles, path: data.head.path }, show);
/** Shows a layer of B as the table lists it. */
const showOfB = (place: number): void => show(listedPlace(place, listed)!);
if (compared !== undefined) {
  showVerdict('second-verdict', { ...compared, name: 'B', path: compared.data?.head.path }, showOfB);
}
startPathToggle(runs, state);
startOverview({ data, compared, second, listed }, state, show);
const marks = startRoofline(runs, (run, place) => (run === first ? place : listedPlace(place, listed)!), show);
if (compared !== undefined) explainMarks(second !== undefined);
startSearch(listed, show, table, marks);

// The counters come when the first drawing is on the screen.
const pause = (): Promise<unknown> => new Promise((done) => setTimeout(done, PAUSE_MILLISECONDS));
await readCounters(data, RUN_ELEMENTS, pause);
if (second !== undefined) await readCounters(second.data, SECOND_RUN_ELEMENTS, pause);
startMemoryTable(runs, state);
timeline.redraw();
document.documentElement.dataset['ready'] = 'true';
