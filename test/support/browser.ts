/** Headless Chromium, as Debian installs it. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';
const ARGUMENTS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** Why browser tests cannot run here, or undefined. `.ci/run` installs what they need. */
export const noBrowser: string | undefined = existsSync(EXECUTABLE)
  ? undefined
  : `${EXECUTABLE} is not installed (apt-get install chromium)`;

let started: Promise<Browser> | undefined;

/**
 * The browser, for all test files of a worker: started when first needed, which may take as long as it takes, it ends with
 * the worker. Who opens a page closes it.
 */
export function theBrowser(): Promise<Browser> {
  started ??= chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS, timeout: 0 });
  return started;
}
