/** The library in a browser: data are checked in the page, and a worker simulates with the file that is for workers. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noBrowser, theBrowser } from '../support/browser.ts';
import { root, systole } from '../support/cli.ts';

if (noBrowser !== undefined) process.stderr.write(`SKIPPED: the library's browser tests: ${noBrowser}\n`);

/** What the file for workers may take, minified. */
const MOST_BYTES = 200_000;
/** What it fetches where it is needed. */
const BANKED = 'simulate.bankedSide.js';
const STEPPED = 'simulate.steppedUnits.js';

const WORKER = `
import { closedForm, InputError, simulate } from '/dist/library/simulate.js';
onmessage = async ({ data: { workload, hardware, options } }) => {
  let calls = 0;
  try {
    const simulated = await simulate(workload, hardware, { ...options, onProgress: () => calls++ });
    const formula = closedForm(workload, hardware);
    postMessage({ simulated: simulated.totals.all.totalCycles, formula: formula.totals.all.totalCycles, calls });
  } catch (error) {
    postMessage({ isInputError: error instanceof InputError, message: error.message });
  }
};
`;

/** Checks the files in the page and sends them to the worker; undefined options are the defaults. */
const PAGE = `<!doctype html><script type="module">
import { parseDram, parseHardware, parseWorkload } from '/dist/library/index.js';
const json = async (path) => (await fetch(path)).json();
window.simulated = async (hardware, workload, { dramFile, ...given } = {}) => {
  const dram = dramFile && parseDram(await json(dramFile));
  const options = { ...given, dram };
  const worker = new Worker('/worker.js', { type: 'module' });
  const job = { hardware: parseHardware(await json(hardware)), workload: parseWorkload(await json(workload)), options };
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(job);
  });
};
window.refused = (value) => {
  try {
    parseHardware(value);
  } catch (error) {
    return error.message;
  }
};
document.documentElement.dataset.ready = '';
</script>`;

const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', json: 'application/json' };

/** The package's files, the page and the worker. */
function serve(): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    const type = TYPES[url.split('.').at(-1)!] ?? 'text/html';
    const own = url === '/' ? PAGE : url === '/worker.js' ? WORKER : undefined;
    const isThere = own !== undefined || existsSync(join(root, url));
    response.writeHead(isThere ? 200 : 404, { 'content-type': type });
    response.end(isThere ? (own ?? readFileSync(join(root, url))) : '');
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

it('the file for workers stands alone, without the library that checks files, until more is needed', () => {
  const path = join(root, 'dist/library/simulate.js');
  expect(statSync(path).size).toBeLessThanOrEqual(MOST_BYTES);
  const imported = (file: string): string[] =>
    [...readFileSync(file, 'utf8').matchAll(/\b(?:from|import)\s*\(?["'`](.*?)["'`]/g)].map(([, name]) => name!);
  expect(imported(path).toSorted()).toEqual([`./${BANKED}`, `./${STEPPED}`]);
  for (const more of [BANKED, STEPPED]) {
    expect(imported(join(root, 'dist/library', more))).toEqual(['./simulate.js']);
  }
  expect(readFileSync(path, 'utf8').includes('Zod')).toBe(false);
});

describe.skipIf(noBrowser !== undefined)('in a worker', () => {
  let server: Server;
  let page: Page;

  beforeAll(async () => {
    server = await serve();
    page = await (await theBrowser()).newPage();
    page.setDefaultTimeout(0);
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForSelector('html[data-ready]');
  });

  afterAll(async () => {
    await page?.close();
    server?.close();
  });

  it('ResNet-50 on HI3 takes the cycles that the command line says', async () => {
    const { stdout } = systole('run', '-c', 'HI3', '-t', 'resnet50', '--format', 'json');
    const { totals } = JSON.parse(stdout) as {
      totals: { all: Record<'simulated' | 'closedForm', { totalCycles: number }> };
    };
    const result = await page.evaluate("simulated('/hw/HI3.json', '/workloads/resnet50.json')");
    expect(result).toEqual({
      simulated: totals.all.simulated.totalCycles,
      formula: totals.all.closedForm.totalCycles,
      calls: expect.any(Number) as number,
    });
    expect((result as { calls: number }).calls).toBeGreaterThanOrEqual(2);
  });

  it('layers are looked into by a file that is fetched then', async () => {
    const fetched: string[] = [];
    page.on('request', (request) => fetched.push(request.url().split('/').at(-1)!));
    const stepped = (layers: string): Promise<unknown> =>
      page.evaluate(`simulated('/hw/HI3.json', '/workloads/resnet18.json', { cycleStepped: [${layers}] })`);
    const plain = await stepped('');
    expect(fetched).not.toContain(STEPPED);
    expect(await stepped("'avgpool', 'layer4.0.downsample.conv'")).toEqual({
      ...(plain as object),
      calls: expect.any(Number) as number,
    });
    expect(fetched).toContain(STEPPED);
    expect(fetched).not.toContain(BANKED);
  });

  it('banked memory is in a file that is fetched then, and takes the cycles that the command line says', async () => {
    const fetched: string[] = [];
    page.on('request', (request) => fetched.push(request.url().split('/').at(-1)!));
    const { stdout } = systole('run', '-c', 'HI1', '-t', 'resnet18', '--dram', 'HBM2', '--format', 'json');
    const { totals } = JSON.parse(stdout) as { totals: { all: { simulated: { totalCycles: number } } } };
    const result = await page.evaluate(
      "simulated('/hw/HI1.json', '/workloads/resnet18.json', { dramFile: '/hw/dram/HBM2.json' })",
    );
    expect((result as { simulated: number }).simulated).toBe(totals.all.simulated.totalCycles);
    expect(fetched).toContain(BANKED);
    expect(fetched).not.toContain(STEPPED);
  });

  it('what is wrong is said as everywhere', async () => {
    const result = await page.evaluate("simulated('/hw/HI1.json', '/workloads/alexnet.json', { batch: -1 })");
    expect(result).toEqual({
      isInputError: true,
      message: 'options: batch: got -1, expected a whole number from 1 to 1000000000',
    });
    expect(await page.evaluate('refused({})')).toMatch(/^hardware: name: expected .* \(it is missing\)\n/);
  });
});
