/** DRAM presets as the command line loads them, and replays of them. */
import { readFileSync } from 'node:fs';
import { type ReplayResult, replay } from '../../src/model/dram/replay.ts';
import { type Request, type RequestSource, requestsOf } from '../../src/model/dram/requestRules.ts';
import { type DramSpec, parseDram } from '../../src/model/schemas/dram.ts';
import { IN_ORDER, type Injection, type RequestRule } from '../../src/model/schemas/requestRule.ts';

/** All presets of banked memory. */
export const DRAM_PRESETS = [
  'DDR3-1600K',
  'DDR4-2400',
  'DDR5-4800B',
  'GDDR6-14000',
  'LPDDR4',
  'LPDDR5-6400',
  'HBM1',
  'HBM2',
  'HBM3-6400',
] as const;

/** A preset of hw/dram with as many channels as asked, with or without refresh. */
export function dramPreset(name: string, channels?: number, refreshes = true): DramSpec {
  const text = readFileSync(new URL(`../../hw/dram/${name}.json`, import.meta.url), 'utf8');
  const spec = parseDram(JSON.parse(text), name);
  return {
    ...spec,
    organization: { ...spec.organization, channels: channels ?? spec.organization.channels },
    timing: { ...spec.timing, REFI: refreshes ? spec.timing.REFI : 0 },
  };
}

/** Runs a generator to its end. */
export function finish<Result>(run: Generator<unknown, Result>): Result {
  for (;;) {
    const step = run.next();
    if (step.done === true) return step.value;
  }
}

/** A rule replayed. */
export function replayed(spec: DramSpec, rule: RequestRule, inject: Injection = IN_ORDER): ReplayResult {
  return finish(replay(spec, requestsOf(rule, spec), inject));
}

/** All requests of a source, or those of one port. */
export function listed(source: RequestSource, port?: number): Request[] {
  const request: Request = { cycle: 0, isWrite: false, address: 0, port: 0 };
  const all: Request[] = [];
  for (const walk = source.walk(port); walk.next(request); ) all.push({ ...request });
  return all;
}

/** A list of requests as a source. */
export function sourceOf(list: readonly Request[], ports: number): RequestSource {
  return {
    requests: list.length,
    ports,
    walk(port) {
      const mine = port === undefined ? list : list.filter((request) => request.port === port);
      let place = 0;
      return {
        next(request) {
          if (place === mine.length) return false;
          Object.assign(request, mine[place++]);
          return true;
        },
      };
    },
  };
}
