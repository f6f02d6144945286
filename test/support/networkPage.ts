/** The trace of a whole network as a page in a browser, and as the JSON that the page must agree with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, startBrowser } from './browser.ts';
import { type ChromeSlice, type ChromeTrace, slicesByLane } from './chromeTrace.ts';
import { systole, temporaryFolder } from './cli.ts';
import { type ShownCycles, TracePage } from './tracePage.ts';

/** What is traced, and a layer of it on either unit. */
export const NETWORK = ['trace', '-c', 'HI3', '-t', 'resnet50'];
export const LAYER = 'layer3.0.conv2';
/** The layer after it. */
export const SIMD_LAYER = 'layer3.0.relu2';

export interface NetworkPage {
  readonly folder: string;
  /** The page's file. */
  readonly file: string;
  readonly browser: Browser;
  readonly shown: TracePage;
  readonly page: Page;
  readonly json: ChromeTrace;
  /** The slices of a lane that belong to a layer. */
  readonly slicesOf: (lane: string, layer?: string) => ChromeSlice[];
  readonly layerSlice: (layer: string) => ChromeSlice;
}

/** A title that says so where there is no browser to run the tests in. */
export function titled(title: string): string {
  return noBrowser === undefined ? title : `${title} (skipped: ${noBrowser})`;
}

/** Traces a network twice and opens the page; whoever opens it closes the browser. */
export async function openNetworkPage(network: readonly string[] = NETWORK): Promise<NetworkPage> {
  const folder = temporaryFolder();
  const [file, jsonFile] = [join(folder, 'trace.html'), join(folder, 'trace.json')];
  for (const output of [file, jsonFile]) {
    const { status, stderr } = systole(...network, '-o', output);
    if (status !== 0) throw new Error(stderr);
  }
  const json = JSON.parse(readFileSync(jsonFile, 'utf8')) as ChromeTrace;
  const browser = await startBrowser();
  const shown = await TracePage.open(browser, file);
  const slicesOf = (lane: string, layer = LAYER): ChromeSlice[] =>
    slicesByLane(json)
      .get(lane)!
      .filter(({ args }) => args['layer'] === layer);
  const layerSlice = (layer: string): ChromeSlice => slicesOf('Layers', layer)[0]!;
  return { folder, file, browser, shown, page: shown.page, json, slicesOf, layerSlice };
}

/** Whether a view shows a slice and little more. */
export function showsOnly({ from, to }: ShownCycles, { ts, dur }: ChromeSlice): boolean {
  return from <= ts && to >= ts + dur && to - from < 1.1 * dur;
}
