/** The trace page: reads its data and starts its parts. */
import { startAddress } from './address.ts';
import { readCounters, readData } from './data.ts';
import { byId } from './elements.ts';
import { startHelp } from './help.ts';
import { startLaneMenu } from './laneMenu.ts';
import { startLayerTable } from './layerTable.ts';
import { startMeasurements } from './measurements.ts';
import { startMemoryTable } from './memoryTable.ts';
import { inDigits } from './numbers.ts';
import { startOverview } from './overviewInput.ts';
import { firstState } from './pageState.ts';
import { startPathToggle } from './pathToggle.ts';
import { startRoofline } from './roofline.ts';
import type { RulerRun } from './rulerRun.ts';
import { addPaintVariables } from './scheme.ts';
import { startSearch } from './search.ts';
import { startTimeline } from './timelineInput.ts';
import { startTip } from './tip.ts';
import { showVerdict } from './verdict.ts';

const PICOSECONDS_PER_MILLISECOND = 1e9;
const PAUSE_MILLISECONDS = 40;

addPaintVariables();
const data = readData();
const { settings, notice } = data.head;
const { workload, phase, batch, hardware, assumptions, dram, clockPicoseconds, selection } = settings;
const state = firstState(data.cycles);
const { ranges, isAll } = data.recorded;
// The page opens on what was recorded, not on a network that is mostly empty.
if (!isAll && ranges.length > 0) state.view.showRange(ranges[0]!.from, ranges.at(-1)!.to);

const title = `${workload} ${phase}, batch ${batch}, on ${hardware}`;
document.title = `${title} · Systole trace`;
byId('title').textContent = title;
const milliseconds = (data.cycles * clockPicoseconds) / PICOSECONDS_PER_MILLISECOND;
byId('summary').textContent = [
  `${inDigits(data.cycles)} cycles of ${clockPicoseconds} ps, ${milliseconds.toPrecision(4)} ms`,
  `${inDigits(data.sliceCount)} slices`,
  `assumptions: ${assumptions.join(', ')}`,
  `DRAM: ${dram}`,
  ...Object.entries(selection).map(([name, value]) => `--${name} ${value}`),
].join(' · ');
byId('notice').hidden = notice === undefined;
byId('notice').textContent = notice === undefined ? '' : `Not everything is in this file: ${notice}.`;
const leftOut = data.head.lanes.filter((lane) => lane.kind !== 'layers' && !data.recorded.lanes.includes(lane));
byId('left-out').hidden = leftOut.length === 0;
byId('left-out').textContent = `Lanes not recorded: ${leftOut.map(({ name }) => name).join(', ')}.`;

startTip();
startHelp();
startAddress(state);
const runs: readonly RulerRun[] = [{ data, name: '', shift: 0 }];
const timeline = startTimeline(runs, state);
startLaneMenu(runs, state);
startMeasurements(runs, state);
const show = (place: number): void => {
  timeline.showLayer({ run: runs[0]!, place });
  table.goTo(place);
};
const table = startLayerTable(data, state, show);
showVerdict(data, show);
startPathToggle(data, state);
startOverview(data, state.view, show);
const marks = startRoofline(data, show);
startSearch(data, show, table, marks);

// The counters come when the first drawing is on the screen.
await readCounters(data, () => new Promise((done) => setTimeout(done, PAUSE_MILLISECONDS)));
startMemoryTable(runs, state);
timeline.redraw();
document.documentElement.dataset['ready'] = 'true';
