import { createHistogram } from 'node:perf_hooks';
import type { LoadSegment } from './load-messages';

/** Returns counts of one phase, or of all. The histogram keeps microseconds with three significant digits. */
export function createSegment() {
  const latencies = createHistogram({ lowest: 1, highest: 600_000_000, figures: 3 });
  const byVersion: Record<string, number> = {};
  let requests = 0;
  let failed = 0;
  let gap = 0;
  let answeredAt = performance.now();
  const count = (milliseconds: number) => {
    requests += 1;
    latencies.record(Math.max(1, Math.round(milliseconds * 1000)));
  };
  return {
    answered(version: string, milliseconds: number) {
      count(milliseconds);
      byVersion[version] = (byVersion[version] ?? 0) + 1;
      const now = performance.now();
      gap = Math.max(gap, now - answeredAt);
      answeredAt = now;
    },
    failed(milliseconds: number) {
      count(milliseconds);
      failed += 1;
    },
    read(): LoadSegment {
      const at = (microseconds: number) => (requests === 0 ? 0 : microseconds / 1000);
      const [p50, p99] = [latencies.percentile(50), latencies.percentile(99)].map(at);
      return { requests, failed, p50: p50!, p99: p99!, max: at(latencies.max), gap, byVersion: { ...byVersion } };
    },
  };
}

export type Segment = ReturnType<typeof createSegment>;
