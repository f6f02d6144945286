/** The trace page: reads its data and starts its parts. */
import type { PageLayer } from '../pageData.ts';
import { PAINTS } from '../palette.ts';
import { readData } from './data.ts';
import { byId, legendEntry } from './elements.ts';
import { startLayerTable } from './layerTable.ts';
import { inDigits } from './numbers.ts';
import { startOverview } from './overview.ts';
import { startRoofline } from './roofline.ts';
import { addPaintVariables } from './scheme.ts';
import { startSearch } from './search.ts';
import { startTimeline } from './timelineInput.ts';
import { ViewState } from './view.ts';

const PICOSECONDS_PER_MILLISECOND = 1e9;

addPaintVariables();
const data = readData();
const { settings, notice } = data.head;
const { workload, phase, batch, hardware, assumptions, dram, clockPicoseconds, selection } = settings;
const state = new ViewState(data.cycles);
const show = (layer: PageLayer): void => state.showRange(layer.start, layer.start + layer.totalCycles);

const title = `${workload} ${phase}, batch ${batch}, on ${hardware}`;
document.title = `${title} · Systole trace`;
byId('title').textContent = title;
const milliseconds = (data.cycles * clockPicoseconds) / PICOSECONDS_PER_MILLISECOND;
const slices = data.pyramids.reduce((sum, { slices: { count } }) => sum + count, 0);
byId('summary').textContent = [
  `${inDigits(data.cycles)} cycles of ${clockPicoseconds} ps, ${milliseconds.toPrecision(4)} ms`,
  `${inDigits(slices)} slices`,
  `assumptions: ${assumptions.join(', ')}`,
  `DRAM: ${dram}`,
  ...Object.entries(selection).map(([name, value]) => `--${name} ${value}`),
].join(' · ');
byId('notice').hidden = notice === undefined;
byId('notice').textContent = notice === undefined ? '' : `Not everything is in this file: ${notice}.`;
byId('legend').replaceChildren(...PAINTS.map((paint) => legendEntry(paint)));

startOverview(data, state);
startTimeline(data, state);
const rows = startLayerTable(data, show);
const marks = startRoofline(data, show);
startSearch(data, show, rows, marks);
document.documentElement.dataset['ready'] = 'true';
