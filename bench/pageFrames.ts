/**
 * Frames per second of trace pages with about a million slices, in headless Chromium without a GPU: zooms from the whole
 * network to single tiles, pans, points at tiles so that their arrows are drawn, zooms out, a step in every frame. A page
 * of an inference, one of a training iteration, and one of two runs.
 *   node dist/bench/bench/pageFrames.js
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { median } from './statistics.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
/** What the pages are of: each about a million slices. */
const PAGES: readonly (readonly [name: string, ...options: string[]])[] = [
  ['ResNet-50 inference on HI1, batch 18', '-c', 'HI1', '-t', 'resnet50', '--batch', '18'],
  ['a training iteration of ResNet-18 on HT1, batch 32', '-c', 'HT1', '-t', 'resnet18', '--phase', 'training'],
  [
    'two runs: ResNet-50 inference on HI1, batch 9, and fused in pairs',
    ...['-c', 'HI1', '-t', 'resnet50', '--batch', '9', '--compare', '--fuse pairs'],
  ],
];
/** A frame that came later than this was missed at 60 frames/s. */
const LATE_MILLISECONDS = 20;
const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

/** Runs before the page: sums up what its callbacks for frames take, which another's load changes less than when they come. */
const WATCH_FRAMES = `(() => {
  const ask = requestAnimationFrame.bind(window);
  window.scriptMilliseconds = 0;
  window.requestAnimationFrame = (callback) => ask((time) => {
    const start = performance.now();
    callback(time);
    window.scriptMilliseconds += performance.now() - start;
  });
})()`;

/**
 * Runs in the page: a wheel or pointer event per frame, by phase; returns how long each frame took to come, and what of
 * that the page's scripts took.
 */
const MEASURE = `(async () => {
  const canvas = document.getElementById('timeline');
  const { width } = canvas.getBoundingClientRect();
  const peArray = JSON.parse(canvas.dataset.rows).find(([row]) => row === 'PE array')[1];
  const wheel = (offset, deltas) => ({ offset, deltas });
  const phases = [
    ['zoom in', (frame) => wheel(0.62, { deltaY: -55 })],
    ['pan', (frame) => wheel(0.5, { deltaX: frame < 60 ? 40 : -40 })],
    ['point at tiles', (frame) => ({ offset: 0.2 + frame / 160 })],
    ['zoom out', (frame) => wheel(0.4, { deltaY: 55 })],
    ['pan far out', (frame) => wheel(0.5, { deltaX: frame < 60 ? 15 : -15 })],
  ];
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const results = [];
  for (const [name, step] of phases) {
    const gaps = [];
    const scripts = [];
    let last = await frame();
    for (let count = 0; count < 120; count++) {
      const { offset, deltas } = step(count);
      const { left, top } = canvas.getBoundingClientRect();
      const at = { clientX: left + offset * width, clientY: top + peArray, cancelable: true, bubbles: true };
      const begin = performance.now();
      window.scriptMilliseconds = 0;
      canvas.dispatchEvent(
        deltas === undefined ? new PointerEvent('pointermove', at) : new WheelEvent('wheel', { ...deltas, ...at }),
      );
      const event = performance.now() - begin;
      const now = await frame();
      scripts.push(event + window.scriptMilliseconds);
      gaps.push(now - last);
      last = now;
    }
    const span = canvas.dataset.to - canvas.dataset.from;
    results.push({ name, gaps, scripts, span });
  }
  return results;
})()`;

interface Phase {
  readonly name: string;
  readonly gaps: readonly number[];
  readonly scripts: readonly number[];
  readonly span: number;
}

const folder = mkdtempSync(join(tmpdir(), 'systole-'));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

/** The slices of all runs of a page, as its head says them. */
function slicesIn(summary: string): number {
  const counts = [...summary.matchAll(/(?<count>[\d,]+) slices/g)];
  return counts.reduce((sum, { groups }) => sum + Number(groups!['count']!.replaceAll(',', '')), 0);
}

/** Opens a page and prints how soon it was drawn, and how fast it is then. */
async function measure(name: string, options: readonly string[]): Promise<void> {
  const file = join(folder, 'trace.html');
  spawnSync(process.execPath, [MAIN, 'trace', ...options, '-o', file], { stdio: 'inherit' });
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
  await page.addInitScript(WATCH_FRAMES);
  const start = performance.now();
  await page.goto(`file://${file}`);
  await page.waitForSelector('#timeline[data-drawn]');
  const drawn = Math.round(performance.now() - start);
  const slices = slicesIn(await page.locator('#summary').innerText()).toLocaleString('en');
  const megabytes = (statSync(file).size / 1e6).toFixed(1);
  console.log(`${name}\n  ${slices} slices, ${megabytes} MB, first drawn after ${drawn} ms`);
  await page.waitForSelector('html[data-ready]');
  for (const phase of (await page.evaluate(MEASURE)) as Phase[]) console.log(`  ${inWords(phase)}`);
  await page.close();
}

function inWords({ name, gaps, scripts, span }: Phase): string {
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const late = gaps.filter((gap) => gap > LATE_MILLISECONDS).length;
  const figures = `${(1000 / mean).toFixed(1)} frames/s, worst ${Math.max(...gaps).toFixed(1)} ms, ${late} of ${gaps.length} late`;
  const cost = `scripts ${median(scripts).toFixed(1)} ms (median)`;
  return `${name.padEnd(14)} ${figures}; ${cost}; ends at ${Math.round(span)} cycles`;
}

try {
  const load = () => loadavg()[0]!.toFixed(1);
  console.log(`load ${load()} at first`);
  for (const [name, ...options] of PAGES) await measure(name, options);
  console.log(`load ${load()} at last`);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
