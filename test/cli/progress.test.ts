import { afterEach, describe, expect, it, vi } from 'vitest';
import { driveLong, timeLeft } from '../../src/doors/cli/progress.ts';

afterEach(() => vi.useRealTimers());

describe('the time that is left', () => {
  it('is what the share done so far has taken, for the rest', () => {
    vi.useFakeTimers();
    const left = timeLeft();
    vi.advanceTimersByTime(10_000);
    expect(left(0.25)).toBe(', about 30 s left'); // 10 s for a quarter, 30 s for three
    expect(left(0.001)).toBe(', about 2.8 h left'); // 9990 s
    expect(left(1)).toBe(', about 0 s left');
  });

  it('is not guessed from next to nothing', () => {
    vi.useFakeTimers();
    const left = timeLeft();
    vi.advanceTimersByTime(1000);
    expect([left(0), left(0.009)]).toEqual(['', '']);
    expect(left(0.01)).toBe(', about 99 s left');
  });
});

describe('a long run', () => {
  function* run(log: string[]): Generator<number, string> {
    try {
      yield 1;
      log.push('goes on');
      return 'done';
    } finally {
      log.push('clears up');
    }
  }

  it('gives its result', async () => {
    const log: string[] = [];
    expect(await driveLong(run(log), () => ({ share: 0, text: '' }))).toBe('done');
    expect(log).toEqual(['goes on', 'clears up']);
  });

  it('clears up when it is not taken to its end', async () => {
    const log: string[] = [];
    function* failing(): Generator<number, string> {
      yield* run(log);
      return '';
    }
    const inner = failing();
    const step = inner.next.bind(inner);
    // Whatever drives it fails after the first step, as Ctrl-C makes it fail.
    let steps = 0;
    inner.next = () => {
      if (steps++ > 0) throw new Error('stopped');
      return step();
    };
    await expect(driveLong(inner, () => ({ share: 0, text: '' }))).rejects.toThrow('stopped');
    expect(log).toEqual(['clears up']);
  });
});
