/** Requests of a trace, held in arrays: each of its ports is walked over without looking at the others. */
import type { Request, RequestSource, RequestWalk } from './requestRules.ts';

const FIRST_CAPACITY = 1 << 10;

export class TraceRequests {
  count = 0;
  private ports = 0;
  private cycle = new Float64Array(FIRST_CAPACITY);
  private address = new Float64Array(FIRST_CAPACITY);
  private isWrite = new Uint8Array(FIRST_CAPACITY);
  private port = new Uint16Array(FIRST_CAPACITY);

  /** Adds a request behind the others. */
  add(cycle: number, isWrite: boolean, address: number, port: number): void {
    if (this.count === this.cycle.length) this.grow();
    this.cycle[this.count] = cycle;
    this.address[this.count] = address;
    this.isWrite[this.count] = isWrite ? 1 : 0;
    this.port[this.count] = port;
    this.count++;
    if (port >= this.ports) this.ports = port + 1;
  }

  /** The requests added so far. */
  source(): RequestSource {
    const { count, ports } = this;
    const { firstOf, places } = this.byPort();
    return {
      requests: count,
      ports,
      walk: (port) =>
        port === undefined ? this.walk(undefined, 0, count) : this.walk(places, firstOf[port]!, firstOf[port + 1]!),
    };
  }

  /** The places of the requests, port by port, and where each port's begin. */
  private byPort(): { readonly firstOf: Int32Array; readonly places: Int32Array } {
    const firstOf = new Int32Array(this.ports + 1);
    for (let place = 0; place < this.count; place++) firstOf[this.port[place]! + 1]!++;
    for (let port = 0; port < this.ports; port++) firstOf[port + 1]! += firstOf[port]!;
    const places = new Int32Array(this.count);
    const next = firstOf.slice();
    for (let place = 0; place < this.count; place++) places[next[this.port[place]!]!++] = place;
    return { firstOf, places };
  }

  private walk(places: Int32Array | undefined, first: number, end: number): RequestWalk {
    let at = first;
    return {
      next: (request: Request): boolean => {
        if (at === end) return false;
        const place = places === undefined ? at : places[at]!;
        at++;
        request.cycle = this.cycle[place]!;
        request.isWrite = this.isWrite[place] === 1;
        request.address = this.address[place]!;
        request.port = this.port[place]!;
        return true;
      },
    };
  }

  private grow(): void {
    const capacity = 2 * this.cycle.length;
    const cycle = new Float64Array(capacity);
    const address = new Float64Array(capacity);
    const isWrite = new Uint8Array(capacity);
    const port = new Uint16Array(capacity);
    cycle.set(this.cycle);
    address.set(this.address);
    isWrite.set(this.isWrite);
    port.set(this.port);
    this.cycle = cycle;
    this.address = address;
    this.isWrite = isWrite;
    this.port = port;
  }
}
