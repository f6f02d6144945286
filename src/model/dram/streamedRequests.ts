/** Requests that are read while they are replayed: only one of them is held. */
import { InternalError } from '../schemas/inputError.ts';
import type { LineRequest } from './requestLines.ts';
import type { Request, RequestSource, RequestWalk } from './requestRules.ts';

/** The next request of a trace into the one given; false behind the last. */
export type ReadRequest = (request: LineRequest) => boolean;

/** Walks once over what is read; a request of more bytes than an access has is one for each access that it touches. */
export class StreamedRequests implements RequestSource, RequestWalk {
  readonly requests = undefined;
  readonly ports: number;
  private readonly accessBytes: number;
  private readonly read: ReadRequest;
  private readonly line: LineRequest = { cycle: 0, isWrite: false, address: 0, port: 0, bytes: 0 };
  /** The accesses of the line that are left: the first, and the one behind the last. */
  private access = 0;
  private end = 0;
  private isWalked = false;
  /** Bits asked for: of each port what is read, then what is written. */
  private readonly asked: Float64Array;
  readonly askedBits: RequestSource['askedBits'];

  /** `hasSizes`: the lines say how many bytes they ask for; else each is for a whole access. */
  constructor(ports: number, accessBytes: number, read: ReadRequest, hasSizes: boolean) {
    this.ports = ports;
    const asked = new Float64Array(2 * ports);
    this.asked = asked;
    if (hasSizes) this.askedBits = (port) => ({ read: asked[2 * port]!, write: asked[2 * port + 1]! });
    this.accessBytes = accessBytes;
    this.read = read;
  }

  walk(port?: number): RequestWalk {
    if (this.isWalked || port !== undefined) throw new InternalError('a stream of requests is read once, in order');
    this.isWalked = true;
    return this;
  }

  next(request: Request): boolean {
    const { line, accessBytes } = this;
    if (this.access === this.end) {
      if (!this.read(line)) return false;
      this.asked[2 * line.port + (line.isWrite ? 1 : 0)]! += 8 * line.bytes;
      this.access = Math.floor(line.address / accessBytes);
      this.end = Math.floor((line.address + line.bytes - 1) / accessBytes) + 1;
    }
    request.cycle = line.cycle;
    request.isWrite = line.isWrite;
    request.address = this.access * accessBytes;
    request.port = line.port;
    this.access++;
    return true;
  }
}
