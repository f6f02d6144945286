/** A trace as one HTML page: the built template with the data in it. */
import { InternalError } from '../../model/schemas/inputError.ts';
import { LimitedText } from './limitedText.ts';
import { COMPARISON_ID, DATA_MARK, type PageComparison, RUN_ELEMENTS, SECOND_RUN_ELEMENTS } from './pageData.ts';
import { jsonElement, PageRun, type PageRunOptions } from './pageRun.ts';
import type { TraceWriter, WriteText } from './traceFile.ts';
import { utf8Bytes } from './utf8.ts';

/** The built page around DATA_MARK. */
function partsOf(template: string): [before: string, after: string] {
  return template.split(DATA_MARK) as [string, string];
}

export interface HtmlOptions extends PageRunOptions {
  /** The built page, with DATA_MARK in it. */
  readonly template: string;
}

/** Writes the page of a run. */
export function htmlWriter({ template, ...options }: HtmlOptions, write: WriteText): TraceWriter {
  const [before, after] = partsOf(template);
  const text = new LimitedText(write, options.limit.megabytes);
  text.write(before);
  text.reserve(utf8Bytes(after));
  const run = new PageRun(text, RUN_ELEMENTS, options);
  run.begin();
  return {
    slice: (slice) => run.slice(slice),
    flow: () => run.flow(),
    counter: (sample) => run.counter(sample),
    end: (end) => {
      run.end(end);
      text.write(after);
    },
  };
}

export interface ComparedHtmlOptions {
  readonly template: string;
  readonly megabytes: number;
  readonly a: PageRunOptions;
  /** Not there where B is no trace. */
  readonly b: PageRunOptions | undefined;
  /** No comparison that is written will be longer. */
  readonly longestComparison: PageComparison;
}

/** Writes the page of two runs, one after the other: each may take half of the room. */
export class ComparedHtml {
  private readonly text: LimitedText;
  private readonly after: string;
  private readonly a: PageRun;
  private readonly b: PageRun | undefined;
  private readonly setAside: number;

  constructor({ template, megabytes, a, b, longestComparison }: ComparedHtmlOptions, write: WriteText) {
    const [before, after] = partsOf(template);
    this.after = after;
    this.text = new LimitedText(write, megabytes);
    this.text.write(before);
    this.text.reserve(utf8Bytes(jsonElement(COMPARISON_ID, longestComparison)) + utf8Bytes(after));
    this.a = new PageRun(this.text, RUN_ELEMENTS, a);
    this.b = b && new PageRun(this.text, SECOND_RUN_ELEMENTS, b);
    this.setAside = this.b === undefined ? 0 : this.text.setAside(0.5);
  }

  /** Takes run A. */
  beginA(): TraceWriter {
    this.a.begin();
    return this.a;
  }

  /** Takes run B, after the end of A. */
  beginB(): TraceWriter {
    const { b } = this;
    if (b === undefined) throw new InternalError('there is no trace of run B');
    this.text.release(this.setAside);
    b.begin();
    return b;
  }

  /** Completes the file. */
  end(comparison: PageComparison): void {
    this.text.write(jsonElement(COMPARISON_ID, comparison));
    this.text.write(this.after);
  }
}
