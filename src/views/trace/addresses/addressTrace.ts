/** Writes the requests of a run, as many as are selected and have room. */
import { shownName } from '../../../model/schemas/printable.ts';
import { interfaceKey } from '../lanes.ts';
import { LimitedText } from '../limitedText.ts';
import type { Selection } from '../selection.ts';
import type { WriteText } from '../traceFile.ts';
import { utf8Bytes } from '../utf8.ts';
import { type AddressFormat, linesOf } from './formats.ts';
import type { BurstRequest } from './requestSink.ts';

/** More than the notice of a trace takes that was cut. */
const NOTICE_BYTES = 1000;

export class AddressTrace {
  /** Requests written, and those that were selected and had no room. */
  written = 0;
  private leftOut = 0;
  private cut = '';
  private readonly selection: Selection;
  private readonly text: LimitedText;
  private readonly lines: ReturnType<typeof linesOf>;
  private readonly megabytes: number;

  /** Writes the head at once. Of the selection layers, cycles and lanes count. */
  constructor(format: AddressFormat, selection: Selection, megabytes: number, write: WriteText) {
    this.selection = selection;
    this.megabytes = megabytes;
    this.lines = linesOf(format);
    this.text = new LimitedText(write, megabytes);
    if (this.lines.head !== '') this.text.write(this.lines.head);
    if (this.lines.notice !== undefined) this.text.reserve(NOTICE_BYTES);
  }

  add(request: BurstRequest): void {
    if (!this.selects(request)) return;
    if (this.leftOut === 0 && this.text.tryWrite(this.lines.line(request))) {
      this.written++;
      return;
    }
    if (this.leftOut === 0) this.cut = `memory cycle ${request.memoryCycle} (${shownName(request.layer.name)})`;
    this.leftOut++;
  }

  /** Ends the file; returns what was left out, in words, if anything was. */
  end(): string | undefined {
    if (this.leftOut === 0) return undefined;
    const notice =
      `the size limit of ${this.megabytes} MB is reached: ${this.leftOut} requests from ${this.cut} on are left out; ` +
      'select less with --layer, --cycles or --lanes, or raise --max-size';
    const line = this.lines.notice?.(notice);
    if (line !== undefined && utf8Bytes(line) <= NOTICE_BYTES) this.text.write(line);
    return notice;
  }

  private selects({ layer, cycle, interface: port }: BurstRequest): boolean {
    const { layers, cycles, lanes } = this.selection;
    if (layers !== undefined && !layers.has(layer.name)) return false;
    if (cycles !== undefined && (cycle < cycles.first || cycle > cycles.last)) return false;
    return lanes === undefined || lanes.has(interfaceKey(port));
  }
}
