/** The trace page in a browser, as tests look at it and use it. */
import type { Browser, Page } from 'playwright-core';

export interface TracePageOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** What the timeline shows, in cycles. */
export interface ShownCycles {
  readonly from: number;
  readonly to: number;
}

/** What the timeline's canvas tells. */
type Told = Readonly<Record<string, string>>;

function viewIn({ from, to }: Told): ShownCycles {
  return { from: Number(from), to: Number(to) };
}

function rowsIn({ rows }: Told): ReadonlyMap<string, number> {
  return new Map(JSON.parse(rows!) as [string, number][]);
}

export class TracePage {
  readonly page: Page;
  /** What the page has asked for, and what went wrong or was written to the console. */
  readonly requests: string[] = [];
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('request', (request) => this.requests.push(request.url()));
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => this.errors.push(message.text()));
  }

  /** Opens a file and waits until everything in it is drawn. */
  static async open(browser: Browser, path: string, options: TracePageOptions = {}): Promise<TracePage> {
    const { colorScheme = 'light', viewport = { width: 1400, height: 900 } } = options;
    const opened = new TracePage(await browser.newPage({ viewport, colorScheme }));
    opened.page.setDefaultTimeout(0); // what hangs is stopped with its test
    await opened.page.goto(`file://${path}`);
    await opened.page.waitForSelector('html[data-ready]');
    await opened.frames();
    return opened;
  }

  close(): Promise<void> {
    return this.page.close();
  }

  /** Waits until what has been asked for is drawn. */
  async frames(): Promise<void> {
    await this.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }

  /** Presses keys one after the other. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async view(): Promise<ShownCycles> {
    return viewIn(await this.told());
  }

  /** What the timeline says of itself, once what has been asked for is drawn: from, to, row, arrows, rows, gutter. */
  private async told(): Promise<Told> {
    await this.frames();
    return this.page.evaluate(`({ ...document.getElementById('timeline').dataset })`);
  }

  async timelineData(name: string): Promise<string> {
    return (await this.told())[name]!;
  }

  /** The rows of the timeline with their middles. */
  async rows(): Promise<ReadonlyMap<string, number>> {
    return rowsIn(await this.told());
  }

  /** The fields shown in an element. */
  async fieldsIn(selector: string): Promise<Record<string, string>> {
    const pairs = await this.page
      .locator(`${selector} dd`)
      .evaluateAll((all) => all.map((each) => [each.dataset['field'], each.dataset['value']]));
    return Object.fromEntries(pairs) as Record<string, string>;
  }

  /** Where a cycle of a row is in the timeline, after the row has been scrolled to. */
  async positionOf(row: string, cycle: number): Promise<{ x: number; y: number }> {
    const told = await this.told();
    const { from, to } = viewIn(told);
    const [gutter, pinned] = [Number(told['gutter']), Number(told['pinned'])];
    const { width, height } = (await this.page.locator('#timeline').boundingBox())!;
    const y = rowsIn(told).get(row)!;
    const isHidden = y > height || (y < pinned && (await this.scrolled()) > 0);
    if (isHidden) await this.scrollRows(y - height / 2);
    const middle = isHidden ? (await this.rows()).get(row)! : y;
    return { x: gutter + ((cycle - from) / (to - from)) * (width - gutter), y: middle };
  }

  /** Scrolls the rows of the timeline by so many pixels. */
  async scrollRows(pixels: number): Promise<void> {
    await this.page.evaluate(`document.getElementById('lanes').scrollTop += ${pixels}`);
    await this.frames();
  }

  private scrolled(): Promise<number> {
    return this.page.evaluate(`document.getElementById('lanes').scrollTop`);
  }

  async clickAt(row: string, cycle: number): Promise<void> {
    await this.page.locator('#timeline').click({ position: await this.positionOf(row, cycle) });
  }

  async hoverAt(row: string, cycle: number): Promise<void> {
    await this.page.locator('#timeline').hover({ position: await this.positionOf(row, cycle) });
  }

  /** Finds a layer by name and shows it. */
  async search(name: string): Promise<void> {
    await this.press('/');
    await this.page.keyboard.type(name);
    await this.press('Enter');
  }

  /** The id of what has the focus, or else its text or label. */
  focused(): Promise<string> {
    return this.page.evaluate(
      '(({ id, textContent, ariaLabel }) => id || textContent || ariaLabel)(document.activeElement)',
    );
  }

  /** The colours, as #rrggbb, of a part of a canvas, in CSS pixels: by default of all of it. */
  async coloursOf(id: string, part?: { x: number; y: number; width: number; height: number }): Promise<Set<string>> {
    const place =
      part === undefined ? '0, 0, canvas.width, canvas.height' : `${part.x}, ${part.y}, ${part.width}, ${part.height}`;
    const pixels: number[] = await this.page.evaluate(`(() => {
      const canvas = document.getElementById('${id}');
      // Read from a copy: the browser warns where a canvas itself is read often.
      const copy = document.createElement('canvas');
      [copy.width, copy.height] = [canvas.width, canvas.height];
      const context = copy.getContext('2d', { willReadFrequently: true });
      context.drawImage(canvas, 0, 0);
      const { data } = context.getImageData(${place});
      return [...new Set(new Uint32Array(data.buffer))];
    })()`);
    // Little endian: ABGR.
    const hex = (pixel: number): string =>
      [pixel, pixel >> 8, pixel >> 16].map((value) => (value & 0xff).toString(16).padStart(2, '0')).join('');
    return new Set(pixels.map((pixel) => `#${hex(pixel)}`));
  }
}
