/**
 * Figure 6 of the paper, from a trace: (a) loads, computes and stores of consecutive tiles in parallel; (b) the four
 * cases of a conv layer's segments, as the machine runs them in lockstep. Writes bench/figures/figure6.svg:
 *   node dist/bench/bench/figure6.js
 */
import { writeFileSync } from 'node:fs';
import type { Layer } from '../src/layers/layer.ts';
import { type Assumptions, HARDWARE, PAPER } from '../src/schedule/assumptions.ts';
import type { Hardware } from '../src/spec/hardware.ts';
import { PALETTE, paintOf } from '../src/trace/palette.ts';
import type { Slice } from '../src/trace/slice.ts';
import { traceNetwork } from '../src/trace/traceNetwork.ts';
import { presetLayers } from './layers.ts';

const NETWORK = 'resnet50';
const HARDWARE_NAME = 'HI1';
/** At its full bandwidth the array hides every transfer of this layer; at a quarter it does not. */
const BANDWIDTH_DIVISOR = 4;
/** It has several tiles in oc, in a reduction loop and in the image, so that all four cases occur. */
const LAYER = 'layer3.1.conv2';

const LANES = ['weight-interface', 'ifmap-interface', 'psum-interface', 'pe-array'];
/** What a segment loads beside its ifmap, and which case of table IV that is. */
const CASES = [
  { loads: '', name: 'Case 1', text: 'ifmap load, compute, psum store' },
  { loads: 'psum', name: 'Case 2', text: 'and psum load' },
  { loads: 'psum weight', name: 'Case 4', text: 'and weight load, psum load' },
  { loads: 'bias weight', name: 'Case 5', text: 'and weight and bias load' },
];

const WIDTH = 900;
const LEFT = 110;
const ROW = 22;
const GAP = 4;
const PANEL = LANES.length * (ROW + GAP);

function trace(layer: Layer, hardware: Hardware, assumptions: Assumptions): Slice[] {
  const slices: Slice[] = [];
  const sink = { slice: (slice: Slice) => slices.push(slice) > 0, flow: () => {}, counter: () => {} };
  const run = traceNetwork([layer], hardware, assumptions, sink);
  while (run.next().done !== true);
  return slices.filter(({ lane }) => LANES.includes(lane.key));
}

/** The start of a step's compute. */
function computeStart(slices: readonly Slice[], step: number): number {
  return slices.find((slice) => slice.kind === 'compute' && slice.step === step)!.start;
}

interface Segment {
  readonly step: number;
  readonly from: number;
  readonly to: number;
  readonly loads: string;
}

/** In lockstep: segment j lasts from the start of compute j to that of compute j+1. */
function segmentsOf(slices: readonly Slice[]): Segment[] {
  const starts = slices.filter(({ kind }) => kind === 'compute').map(({ start }) => start);
  return starts.slice(0, -1).map((from, step) => {
    const to = starts[step + 1]!;
    const loads = slices.filter(
      ({ kind, start, tensor }) => kind === 'load' && start >= from && start < to && tensor !== 'ifmap',
    );
    return {
      step,
      from,
      to,
      loads: loads
        .map(({ tensor }) => tensor)
        .sort()
        .join(' '),
    };
  });
}

function label({ kind, tensor, step, cause }: Slice): string {
  if (kind === 'compute') return `compute ${step}`;
  if (kind === 'wait') return `wait: ${cause}`;
  return `${tensor} ${kind === 'store' ? 'store ' : ''}${step}`;
}

/** The part [from, to) of a trace, a row per lane. */
function panel(slices: readonly Slice[], from: number, to: number, top: number, scale: number): string {
  const x = (cycle: number): number => LEFT + (Math.min(Math.max(cycle, from), to) - from) * scale;
  const rows = LANES.map((key, row) => {
    const y = top + row * (ROW + GAP);
    const inLane = slices.filter(({ lane, start, end }) => lane.key === key && start < to && end > from);
    const name = inLane[0]?.lane.name ?? key.replace('-', ' ');
    const bars = inLane.map((slice) => bar(slice, x(slice.start), x(slice.end), y));
    return `<text x="${LEFT - 8}" y="${y + ROW - 7}" text-anchor="end">${name}</text>${bars.join('')}`;
  });
  const height = PANEL - GAP;
  const frame = `<rect x="${LEFT}" y="${top}" width="${round(x(to) - LEFT)}" height="${height}" class="frame"/>`;
  return frame + rows.join('\n');
}

function bar(slice: Slice, left: number, right: number, y: number): string {
  const colour = PALETTE[paintOf(slice, 'SA')].colour;
  const isWait = slice.kind === 'wait';
  const height = isWait ? ROW / 2 : ROW;
  const rect = `<rect x="${round(left)}" y="${y + ROW - height}" width="${round(right - left - 1)}" height="${height}" fill="${colour}"/>`;
  const text = label(slice);
  if (right - left < 6.2 * text.length + 4) return rect;
  return `${rect}<text class="inside" x="${round((left + right) / 2)}" y="${y + ROW - (isWait ? 2 : 7)}">${text}</text>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

const { hardware: preset, layers } = presetLayers(NETWORK, HARDWARE_NAME);
const { weight, ifmap, psum, vmem } = preset.bitsPerCycle;
const hardware: Hardware = {
  ...preset,
  bitsPerCycle: {
    weight: weight / BANDWIDTH_DIVISOR,
    ifmap: ifmap / BANDWIDTH_DIVISOR,
    psum: psum / BANDWIDTH_DIVISOR,
    vmem: vmem / BANDWIDTH_DIVISOR,
  },
};
const layer = layers.find(({ name }) => name === LAYER)!;
const free = trace(layer, hardware, HARDWARE);
const lockstep = trace(layer, hardware, PAPER);
// The first segment has nothing to store: it is none of the four cases.
const segments = segmentsOf(lockstep).slice(1);
const kinds = new Set(segments.map(({ loads }) => loads));
if (kinds.size !== CASES.length) throw new Error(`expected four cases, found ${[...kinds].join(' | ')}`);

const parts: string[] = [];
let top = 44;
const firstStep = 14;
const [from, to] = [computeStart(free, firstStep), computeStart(free, firstStep + 5)];
parts.push(
  `<text class="title" x="0" y="16">(a) Five tiles of ${NETWORK}'s ${LAYER} on ${HARDWARE_NAME} at a quarter of its bandwidth, cycles ${from}–${to} of the layer</text>`,
);
parts.push(
  `<text x="0" y="33">As the machine runs: while tile j computes, what tile j+1 needs is loaded and what tile j−1 gave is stored.</text>`,
);
parts.push(panel(free, from, to, top, (WIDTH - LEFT) / (to - from)));
top += PANEL + 28;
parts.push(`<text class="title" x="0" y="${top}">(b) The four cases, in lockstep</text>`);
parts.push(
  `<text x="0" y="${top + 17}">A segment lasts until its compute and all its transfers are over. Numbers are the tiles' steps.</text>`,
);
top += 30;
const chosen = CASES.map((each) => ({
  ...each,
  segment: segments.find(({ loads, step }) => loads === each.loads && step > 10)!,
}));
const longest = Math.max(...chosen.map(({ segment }) => segment.to - segment.from));
for (const { name, text, loads, segment } of chosen) {
  const count = segments.filter((each) => each.loads === loads).length;
  const cycles = segment.to - segment.from;
  top += 14;
  parts.push(`<text class="title" x="${LEFT}" y="${top}">${name}: ${text}</text>`);
  parts.push(
    `<text x="${WIDTH}" y="${top}" text-anchor="end">segment ${segment.step}, ${cycles} cycles; ${count} of ${segments.length} segments</text>`,
  );
  parts.push(panel(lockstep, segment.from, segment.to, top + 8, (WIDTH - LEFT) / longest));
  top += PANEL + 14;
}

const style = `text{font:12px system-ui,sans-serif;fill:#5b6472}.title{font-weight:600;fill:#1a1d23}.inside{fill:#fff;text-anchor:middle;font-size:11px;paint-order:stroke;stroke:#0007;stroke-width:2px}.frame{fill:#8882}@media(prefers-color-scheme:dark){text{fill:#9aa4b4}.title{fill:#e6e9ef}.inside{fill:#fff}}`;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" role="img" aria-label="Figure 6 of the paper from a simulation">\n<style>${style}</style>\n${parts.join('\n')}\n</svg>\n`;
const file = new URL('../../../bench/figures/figure6.svg', import.meta.url);
writeFileSync(file, svg);
console.log(
  `bench/figures/figure6.svg: ${chosen.map(({ name, segment }) => `${name} segment ${segment.step}`).join(', ')}`,
);
