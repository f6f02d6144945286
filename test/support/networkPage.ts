/** The trace of a whole network as a page in a browser, and as the JSON that the page must agree with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, theBrowser } from './browser.ts';
import { type ChromeSlice, type ChromeTrace, slicesByLane } from './chromeTrace.ts';
import { systole, temporaryFolder } from './cli.ts';
import { type ShownCycles, TracePage } from './tracePage.ts';

/** What is traced, and a layer of it on either unit. */
export const NETWORK = ['trace', '-c', 'HI3', '-t', 'resnet50'];
export const LAYER = 'layer3.0.conv2';
/** The layer after it. */
export const SIMD_LAYER = 'layer3.0.relu2';

/** A network's trace as a page and as JSON. */
export interface TracedNetwork {
  readonly folder: string;
  /** The page's file. */
  readonly file: string;
  readonly json: ChromeTrace;
  /** The slices of a lane that belong to a layer. */
  readonly slicesOf: (lane: string, layer?: string) => ChromeSlice[];
  readonly layerSlice: (layer: string) => ChromeSlice;
}

/** The same with the page open. */
export interface NetworkPage extends TracedNetwork {
  readonly browser: Browser;
  readonly shown: TracePage;
  readonly page: Page;
}

/** A title that says so where there is no browser to run the tests in. */
export function titled(title: string): string {
  return noBrowser === undefined ? title : `${title} (skipped: ${noBrowser})`;
}

/** Traces by their commands: files of tests that share a worker share them. */
const traces = new Map<string, TracedNetwork>();

/** Traces a network as a page, and without what only pages have as JSON. */
export function traceNetwork(network: readonly string[] = NETWORK, onlyInPage: readonly string[] = []): TracedNetwork {
  const key = JSON.stringify([network, onlyInPage]);
  const known = traces.get(key);
  if (known !== undefined) return known;
  const folder = temporaryFolder();
  const [file, jsonFile] = [join(folder, 'trace.html'), join(folder, 'trace.json')];
  for (const args of [
    [...onlyInPage, '-o', file],
    ['-o', jsonFile],
  ]) {
    const { status, stderr } = systole(...network, ...args);
    if (status !== 0) throw new Error(stderr);
  }
  const json = JSON.parse(readFileSync(jsonFile, 'utf8')) as ChromeTrace;
  const lanes = slicesByLane(json);
  const slicesOf = (lane: string, layer = LAYER): ChromeSlice[] =>
    lanes.get(lane)!.filter(({ args }) => args['layer'] === layer);
  const layerSlice = (layer: string): ChromeSlice => slicesOf('Layers', layer)[0]!;
  const made = { folder, file, json, slicesOf, layerSlice };
  traces.set(key, made);
  return made;
}

/** Opens the page of a network's trace; whoever opens it closes it. */
export async function openNetworkPage(
  network: readonly string[] = NETWORK,
  onlyInPage: readonly string[] = [],
): Promise<NetworkPage> {
  const traced = traceNetwork(network, onlyInPage);
  const browser = await theBrowser();
  const shown = await TracePage.open(browser, traced.file);
  return { ...traced, browser, shown, page: shown.page };
}

/** Whether a view shows a slice and little more. */
export function showsOnly({ from, to }: ShownCycles, { ts, dur }: ChromeSlice): boolean {
  return from <= ts && to >= ts + dur && to - from < 1.1 * dur;
}
