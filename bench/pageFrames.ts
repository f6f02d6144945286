/**
 * Frames per second of the trace page with a million slices, in headless Chromium without a GPU: zooms from the whole
 * network to single tiles, pans, points at tiles so that their arrows are drawn, zooms out, a step in every frame.
 *   node dist/bench/bench/pageFrames.js
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
/** Images that make about a million slices on HI1. */
const BATCH = '18';
const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

/** Runs in the page: a wheel or pointer event per frame, by phase; returns how long each frame took to come. */
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
    let last = await frame();
    for (let count = 0; count < 120; count++) {
      const { offset, deltas } = step(count);
      const { left, top } = canvas.getBoundingClientRect();
      const at = { clientX: left + offset * width, clientY: top + peArray, cancelable: true, bubbles: true };
      canvas.dispatchEvent(
        deltas === undefined ? new PointerEvent('pointermove', at) : new WheelEvent('wheel', { ...deltas, ...at }),
      );
      const now = await frame();
      gaps.push(now - last);
      last = now;
    }
    const span = canvas.dataset.to - canvas.dataset.from;
    results.push({ name, gaps, span });
  }
  return results;
})()`;

interface Phase {
  readonly name: string;
  readonly gaps: number[];
  readonly span: number;
}

const folder = mkdtempSync(join(tmpdir(), 'systole-'));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
try {
  const file = join(folder, 'trace.html');
  const network = ['-c', 'HI1', '-t', 'resnet50', '--batch', BATCH];
  spawnSync(process.execPath, [MAIN, 'trace', ...network, '-o', file], { stdio: 'inherit' });
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
  const start = performance.now();
  await page.goto(`file://${file}`);
  await page.waitForSelector('#timeline[data-drawn]');
  const loaded = Math.round(performance.now() - start);
  const summary = await page.locator('#summary').innerText();
  console.log(
    `${summary.split(' · ')[1]}, ${(statSync(file).size / 1e6).toFixed(1)} MB, first drawn after ${loaded} ms`,
  );
  await page.waitForSelector('html[data-ready]');
  for (const { name, gaps, span } of (await page.evaluate(MEASURE)) as Phase[]) {
    const sorted = [...gaps].sort((a, b) => a - b);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const late = gaps.filter((gap) => gap > 20).length;
    const figures = `${(1000 / mean).toFixed(1)} frames/s, median ${sorted[gaps.length >> 1]!.toFixed(1)} ms`;
    console.log(
      `  ${name.padEnd(14)} ${figures}, worst ${sorted.at(-1)!.toFixed(1)} ms, ${late} of ${gaps.length} late; ends at ${Math.round(span)} cycles`,
    );
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
