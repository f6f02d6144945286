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

  constructor(ports: number, accessBytes: number, read: ReadRequest) {
    this.ports = ports;
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
